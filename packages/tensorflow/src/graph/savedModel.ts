import { messageField, stringField, varintField } from '../native/protobuf.js';

/** A tensor that goes into a graph or comes out of it. */
interface Port {
  /** `operation:index`. */
  readonly tensor: string;
  readonly type: number;
  /** -1: open. */
  readonly shape: readonly number[];
}

/** By the names that callers have for them. */
export type Ports = Readonly<Record<string, Port>>;

/** What a SavedModel without variables has. */
export interface FrozenModel {
  /** A `GraphDef`. */
  readonly graph: Uint8Array;
  /** Of the TensorFlow that made the graph. */
  readonly version: string;
  readonly inputs: Ports;
  readonly outputs: Ports;
}

/** Numbers of the fields in tensorflow/core/protobuf/{saved_model,meta_graph}.proto and framework/tensor_shape.proto. */
const saved = { schemaVersion: 1, metaGraphs: 2 } as const;
const metaGraph = { info: 1, graph: 2, signatures: 5 } as const;
const info = { tags: 4, version: 5 } as const;
const signature = { inputs: 1, outputs: 2, method: 3 } as const;
const tensorInfo = { name: 1, type: 2, shape: 3 } as const;
const [dimension, size] = [2, 1];
const entry = { key: 1, value: 2 } as const;

/**
 * The content of `saved_model.pb`, for whoever serves models: the tag `serve`, and the one signature
 * `serving_default`. https://www.tensorflow.org/guide/saved_model
 */
export function savedModel({ graph, version, inputs, outputs }: FrozenModel): Uint8Array {
  const predict = [
    ...portFields(signature.inputs, inputs),
    ...portFields(signature.outputs, outputs),
    stringField(signature.method, 'tensorflow/serving/predict'),
  ];
  return Buffer.concat([
    varintField(saved.schemaVersion, 1),
    messageField(
      saved.metaGraphs,
      messageField(
        metaGraph.info,
        stringField(info.tags, 'serve'),
        stringField(info.version, version),
      ),
      messageField(metaGraph.graph, graph),
      mapField(metaGraph.signatures, 'serving_default', predict),
    ),
  ]);
}

const portFields = (number: number, ports: Ports): Uint8Array[] =>
  Object.entries(ports).map(([name, { tensor, type, shape }]) =>
    mapField(number, name, [
      stringField(tensorInfo.name, tensor),
      varintField(tensorInfo.type, type),
      messageField(
        tensorInfo.shape,
        ...shape.map((each) => messageField(dimension, varintField(size, each))),
      ),
    ]),
  );

const mapField = (number: number, key: string, value: readonly Uint8Array[]): Uint8Array =>
  messageField(number, stringField(entry.key, key), messageField(entry.value, ...value));
