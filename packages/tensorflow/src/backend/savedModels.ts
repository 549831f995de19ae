import { LockstepError } from '@lockstep/core';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import type { Status } from '../native/status.js';

interface SavedModel {
  readonly session: Pointer;
  readonly graph: Pointer;
}

/** Bytes of a `TF_Output`: the operation's address, the output's index, and padding. */
const outputBytes = 16;

/** SavedModels of TensorFlow by number, run by the names of their operations. */
export class SavedModels {
  private readonly models = new Map<number, SavedModel>();
  private next = 1;

  constructor(
    private readonly c: NativeFunctions,
    private readonly status: Status,
  ) {}

  get count(): number {
    return this.models.size;
  }

  /** @throws TensorFlowError where the directory holds no model with these tags */
  load(directory: string, tags: readonly string[]): number {
    const { c, status } = this;
    const graph = c.TF_NewGraph();
    const options = c.TF_NewSessionOptions();
    try {
      const session = c.TF_LoadSessionFromSavedModel(
        options,
        0n,
        directory,
        tags,
        tags.length,
        graph,
        0n,
        status.pointer,
      );
      status.check();
      const id = this.next++;
      this.models.set(id, { session, graph });
      return id;
    } catch (error) {
      c.TF_DeleteGraph(graph);
      throw error;
    } finally {
      c.TF_DeleteSessionOptions(options);
    }
  }

  delete(id: number): void {
    const { session, graph } = this.get(id);
    this.models.delete(id);
    this.c.TF_DeleteSession(session, this.status.pointer);
    this.c.TF_DeleteGraph(graph);
    this.status.check();
  }

  /**
   * @param inputs `TF_Tensor`s, which stay the caller's
   * @param inputNames one for each input: `operation:index`, or `operation` alone for its first output
   * @returns `TF_Tensor`s, to be deleted by the caller
   * @throws LockstepError USAGE for a name that the graph does not have; TensorFlowError where the run fails
   */
  run(
    id: number,
    inputs: readonly Pointer[],
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): Pointer[] {
    if (inputs.length !== inputNames.length) {
      throw new LockstepError(
        'USAGE',
        `the saved model takes ${inputNames.length} inputs (${inputNames.join(', ')}), but there are ${inputs.length}`,
      );
    }
    const { session, graph } = this.get(id);
    const results = new BigUint64Array(outputNames.length);
    this.c.TF_SessionRun(
      session,
      0n,
      this.outputsNamed(graph, inputNames),
      BigUint64Array.from(inputs),
      inputs.length,
      this.outputsNamed(graph, outputNames),
      results,
      results.length,
      null,
      0,
      0n,
      this.status.pointer,
    );
    this.status.check();
    return Array.from(results);
  }

  private outputsNamed(graph: Pointer, names: readonly string[]): Uint8Array {
    const outputs = new DataView(new ArrayBuffer(names.length * outputBytes));
    for (const [position, name] of names.entries()) {
      const [operation = '', index = '0'] = name.split(':');
      const pointer = this.c.TF_GraphOperationByName(graph, operation);
      if (pointer === null) {
        throw new LockstepError('USAGE', `the saved model has no operation named '${operation}'`);
      }
      outputs.setBigUint64(position * outputBytes, pointer, true);
      outputs.setInt32(position * outputBytes + 8, Number(index), true);
    }
    return new Uint8Array(outputs.buffer);
  }

  private get(id: number): SavedModel {
    const model = this.models.get(id);
    if (model !== undefined) return model;
    throw new LockstepError('INTERNAL', `there is no saved model with the number ${id}`);
  }
}
