/** The functions of `kernels.wat`: `i64` is bigint, `i32` and `f64` are number. */
export type KernelModule = {
  readonly hashStart: () => void;
  readonly hashAbsorb: (input: bigint) => void;
  readonly hashFinish: (cost: bigint) => bigint;
  readonly hashRounds: (seed: number, rounds: number) => number;
  readonly countPrimes: (limit: number) => number;
  readonly riskStart: () => void;
  readonly riskAbsorb: (input: bigint) => void;
  readonly riskFinish: (id: bigint, samples: number) => number;
};

// Built from kernels.wat, which says how.
const WASM_BASE64 = `
AGFzbQEAAAABNwpgAABgAX4AYAJ+fwF+YAJ+fgF+YAF+AX5gAn9/AX9gAX8Bf2ADfn9+AX9gAn9/AX5gAn5/AXwDDw4AAQID
BAUGAAEEBAcICQUDAQAHBh4DfgFCAAt8AUQAAAAAAAAAAAt8AUQAAAAAAAAAAAsHaAgJaGFzaFN0YXJ0AAAKaGFzaEFic29y
YgABCmhhc2hGaW5pc2gABApoYXNoUm91bmRzAAULY291bnRQcmltZXMABglyaXNrU3RhcnQABwpyaXNrQWJzb3JiAAgKcmlz
a0ZpbmlzaAANCuQLDg4AQqXGiKHInKf5SyQAC0cBAX4jACAAhUKzg4CAgCB+IQEgASABQiGIhULNmdbq/vrrqH9+IQEgASAB
QiGIhULT2JfU4b+u50R+IQEgASABQiGIhSQACy8AA0AgAEIHiUKV+Kn6l7fem55/hUK5y5Pn0e2RrL9/fiEAIAFBAWsiAQ0A
CyAACzMAAkADQCABQoAIWA0BIABBgAgQAiEAIAFCgAh9IQEMAAsLIAFQBH4gAAUgACABpxACCwsXAQF+IABCBoghASMAQgEg
ASABUBsQAwsRABAAIACtEAEjACABrRADpwvnAgEHfyAAuJ+rIQFBASEEA0AgBEECdCAEQQF2NgIAIARBAnQgACAEbkEBa0EB
djYCgBAgBEECaiIEIAFNDQALQQMhAgNAIAJBAmtBAnQoAgAhAyACQQJ0KAIAIANHBEAgACACbiEHIAcgAm4hBSAFIAFLBEAg
ASEFC0EBIQQgAiEGAkADQCAGIAFLDQEgBCAFSw0BIARBAnQgAyAEQQJ0KAKAECAGQQJ0KAKAEGtqNgKAECAEQQJqIQQgBiAC
QQF0aiEGDAALCwJAA0AgBCAFSw0BIARBAnQgAyAEQQJ0KAKAEEEBIAcgBG5BAWtyQQJ0KAIAa2o2AoAQIARBAmohBAwACwsg
AUEBa0EBciEEIAIgAmwhBQJAA0AgBCAFSQ0BIARBAnQgAyAEQQJ0KAIAQQEgBCACbkEBa3JBAnQoAgBrajYCACAEQQJrIQQM
AAsLCyACQQJqIgIgAU0NAAtBACgChBBBAWoLGABEAAAAAAAAAAAkAUQAAAAAAADwPyQCC0cAIwEgALpEAAAAAAAA8DuiRC1D
HOviNho/oqAkASMCIABCDYm6RAAAAAAAAPA7okQAAAAAAADgP6FEexSuR+F6hD+ioCQCCx4AIAAgAEIMiIUhACAAIABCGYaF
IQAgACAAQhuIhQs3AQJ+QuD0/eqIw6jS3gAhAQNAIAIgAEIAIAFCAYN9g4UhAiAAEAkhACABQgGIIgFQRQ0ACyACC/wCAgJ/
BH5BgAghAwNAIAAQCiEGIAYQCiEHIAcQCiEIQeIJIQQDQCAAIABCDIiFIQAgACAAQhmGhSEAIAAgAEIbiIUhACADIABCnbqz
+5SS/aIlfiIFNwMAIAMgBSACWEEDdGohAyAGIAZCDIiFIQYgBiAGQhmGhSEGIAYgBkIbiIUhBiADIAZCnbqz+5SS/aIlfiIF
NwMAIAMgBSACWEEDdGohAyAHIAdCDIiFIQcgByAHQhmGhSEHIAcgB0IbiIUhByADIAdCnbqz+5SS/aIlfiIFNwMAIAMgBSAC
WEEDdGohAyAIIAhCDIiFIQggCCAIQhmGhSEIIAggCEIbiIUhCCADIAhCnbqz+5SS/aIlfiIFNwMAIAMgBSACWEEDdGohAyAE
QQFrIgQNAAsgCCEAIAFBiCdrIgFBiCdPDQALAkADQCABRQ0BIAAQCSEAIAMgAEKdurP7lJL9oiV+IgU3AwAgAyAFIAJYQQN0
aiEDIAFBAWshAQwACwsgAwvVAQMBfgR/AX5COCECAkADQEEAQQBBgAj8CwBBgAghAwNAIAMpAwAgAoinQf8BcUECdCEFIAUg
BSgCAEEBajYCACADQQhqIgMgAEkNAAtBACEFAkADQCABIAUoAgAiBkkNASABIAZrIQEgBUEEaiEFDAALCyAFQQJ2IQVBgAgh
A0GACCEEA0AgBCADKQMAIgc3AwAgBCAFIAcgAoinQf8BcUZBA3RqIQQgA0EIaiIDIABJDQALIAQhACAGQQFGDQEgAlANASAC
Qgh9IQIMAAsLQYAIKQMAC4YBAgF+An9C8L3z1YnPlZoSIACFIQIgAUEUbiEDIAIgAUL//////////w8QCyEEIARBgAhrIANB
A3RNBEAgAiABQn8QCyEECyMBRJqZmZmZmak/IAQgAxAMukQAAAAAAADwO6JEAAAAAAAAAECiRAAAAAAAAPA/oaIjAkSamZmZ
mZm5P6WioAs=
`;

// One per thread: the code is compiled on first use, and each call rewrites its scratch memory.
let instantiated: KernelModule | undefined;

/**
 * Returns the WebAssembly functions behind the kernels; compiles them on the first call.
 *
 * @returns The same module each time, one per thread.
 */
export function kernelModule(): KernelModule {
  return instantiated ??= instantiate();
}

function instantiate(): KernelModule {
  const binary = atob(WASM_BASE64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as KernelModule;
}
