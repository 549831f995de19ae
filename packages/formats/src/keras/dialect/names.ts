/** As Keras makes file names of class names: `MaxPooling2D` is `max_pooling2d`, `AdamW` is `adam_w`. */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** `glorotUniform` and `glorot_uniform` are `GlorotUniform`. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_whole, letter: string) => letter.toUpperCase());
}
