/** What became of one spec. */
export interface SpecResult {
  readonly name: string;
  readonly status: string;
  /** Messages of what it expected in vain. */
  readonly failures: readonly string[];
}

interface JasmineSpecResult {
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

interface JasmineEnvironment {
  configure(configuration: { random: boolean }): void;
  addReporter(reporter: { specDone(result: JasmineSpecResult): void }): void;
  execute(): Promise<unknown>;
}

/** Runs all that the suites have declared, in their order, and sends the results to the parent. */
export async function runSpecs(): Promise<void> {
  const { jasmine } = globalThis as unknown as { jasmine: { getEnv(): JasmineEnvironment } };
  const environment = jasmine.getEnv();
  const results: SpecResult[] = [];
  environment.configure({ random: false });
  environment.addReporter({
    specDone: ({ fullName, status, failedExpectations }) =>
      results.push({
        name: fullName,
        status,
        failures: failedExpectations.map(({ message }) => message),
      }),
  });
  await environment.execute();
  process.send?.(results, () => process.disconnect());
}
