/** The bzip2 library itself, compiled to WebAssembly; the package has no types of its own. */
declare module 'libbzip2-wasm' {
  namespace load {
    interface Bzip2 {
      /** The output stays in the module's memory until `_free` is given its place. */
      compressBZ2(input: Uint8Array, level: number, workFactor: number): { error: number; output: Uint8Array };
      _free(place: number): void;
    }
    /** Calls back when it is ready. Not a promise: what it hands over has a `then` as well. */
    interface Loading {
      then(isReady: (bzip2: Bzip2) => void): unknown;
    }
  }
  function load(): load.Loading;
  export = load;
}
