declare module 'jasmine-core' {
  /** Makes `describe`, `it`, `expect`, `jasmine`, ... global. */
  const jasmineCore: { boot(): unknown };
  export default jasmineCore;
}
