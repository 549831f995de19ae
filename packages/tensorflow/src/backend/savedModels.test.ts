import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataType } from '../native/dataTypes.js';
import { describeWithLibrary } from '../testing.suite.js';
import { startTensorFlow } from './backend.js';
import type { Binding } from './binding.js';

interface Message {
  serializeBinary(): Uint8Array;
}
interface AttributeMap {
  set(name: string, value: Message): void;
}
interface NodeDef extends Message {
  setName(name: string): void;
  setOp(op: string): void;
  setInputList(inputs: string[]): void;
  getAttrMap(): AttributeMap;
}

/** Protocol buffers of TensorFlow, as far as a saved model needs them. */
const proto = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as {
  SavedModel: new () => Message & {
    setSavedModelSchemaVersion(v: string): void;
    addMetaGraphs(g: Message): void;
  };
  MetaGraphDef: (new () => Message & {
    setMetaInfoDef(m: Message): void;
    setGraphDef(g: Message): void;
  }) & {
    MetaInfoDef: new () => Message & { addTags(tag: string): void };
  };
  GraphDef: new () => Message & { setNodeList(nodes: Message[]): void };
  NodeDef: new () => NodeDef;
  AttrValue: new () => Message & { setType(type: number): void };
};

function node(name: string, op: string, inputs: string[], typeName: string): NodeDef {
  const made = new proto.NodeDef();
  made.setName(name);
  made.setOp(op);
  made.setInputList(inputs);
  const type = new proto.AttrValue();
  type.setType(dataType.float32);
  made.getAttrMap().set(typeName, type);
  return made;
}

/** `sum = x + y` and `product = x * y`. */
function savedModel(): Uint8Array {
  const graph = new proto.GraphDef();
  graph.setNodeList([
    node('x', 'Placeholder', [], 'dtype'),
    node('y', 'Placeholder', [], 'dtype'),
    node('sum', 'AddV2', ['x', 'y'], 'T'),
    node('product', 'Mul', ['x', 'y'], 'T'),
  ]);
  const information = new proto.MetaGraphDef.MetaInfoDef();
  information.addTags('serve');
  const metaGraph = new proto.MetaGraphDef();
  metaGraph.setMetaInfoDef(information);
  metaGraph.setGraphDef(graph);
  const model = new proto.SavedModel();
  model.setSavedModelSchemaVersion('1');
  model.addMetaGraphs(metaGraph);
  return model.serializeBinary();
}

describeWithLibrary('saved models', (library) => {
  let binding: Binding;
  let directory: string;
  let inputs: number[];

  beforeAll(() => {
    ({ binding } = startTensorFlow(library));
    directory = mkdtempSync(join(tmpdir(), 'lockstep-saved-model-'));
    writeFileSync(join(directory, 'saved_model.pb'), savedModel());
    inputs = [Float32Array.of(2, 3), Float32Array.of(5, 7)].map((values) =>
      binding.createTensor([2], dataType.float32, values),
    );
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it('run by the names of their operations', () => {
    const model = binding.loadSavedModel(directory, 'serve');
    expect(binding.getNumOfSavedModels()).toBe(1);
    const outputs = binding.runSavedModel(model, inputs, 'x:0,y', 'sum:0,product');
    expect(outputs.map(({ id }) => binding.tensorDataSync(id))).toEqual([
      Float32Array.of(7, 10),
      Float32Array.of(10, 21),
    ]);
    for (const { id } of outputs) binding.deleteTensor(id);
    binding.deleteSavedModel(model);
    expect(binding.getNumOfSavedModels()).toBe(0);
  });

  it('refuse what they do not have, and keep nothing of it', () => {
    const model = binding.loadSavedModel(directory, 'serve');
    const tensors = binding.getNumOfTensors();
    const run = (names: string, outputs: string) => () =>
      binding.runSavedModel(model, inputs, names, outputs);
    expect(run('x', 'sum')).toThrow(/takes 1 inputs \(x\), but there are 2/);
    expect(run('x,z', 'sum')).toThrow(/no operation named 'z'/);
    expect(run('x,y', 'sum:9')).toThrow(/'sum'.* does not have output 9/);
    expect(binding.getNumOfTensors()).toBe(tensors);
    binding.deleteSavedModel(model);
    expect(run('x,y', 'sum')).toThrow(/there is no saved model with the number/);
  });

  it("are not loaded from nowhere, or by tags that they lack: TensorFlow's message says so", () => {
    expect(() => binding.loadSavedModel(join(directory, 'none'), 'serve')).toThrow(
      /Could not find/,
    );
    expect(() => binding.loadSavedModel(directory, 'serve,gpu')).toThrow(
      /supplied tags: \{ gpu serve \}/,
    );
    expect(binding.getNumOfSavedModels()).toBe(0);
  });
});
