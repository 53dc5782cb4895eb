// The JavaScript side of handles.h. Emscripten's linker puts it into the glue code.

addToLibrary({
  // In the place of Emscripten's, which throws an empty string.
  _abort_js: () => {
    throw new Error('the engine aborted');
  },

  // A name with a point is a method's: "Layer.build" takes the layer first and becomes `build` of the
  // class Layer. There are no overloads, and types are known by the time of the first call.
  //
  // An error that passes through WebAssembly leaves its stack as it is. It is put back here: after
  // some ten thousand errors there would be none left.
  lamella_register_function__sig: 'vpppp',
  lamella_register_function__deps: [
    '$EngineHandle',
    '$UTF8ToString',
    '$blocks',
    '$getWasmTableEntry',
    '$stackRestore',
    '$stackSave',
    '$typesById',
    'free',
  ],
  lamella_register_function: (name, typeCount, types, target) => {
    name = UTF8ToString(name);
    let result, parameters, invoke;
    const call = (...values) => {
      if (!invoke) {
        // Not before it is needed: most functions never are, and all of them took 2 ms at start-up.
        [result, ...parameters] = Array.from(
          HEAPU32.subarray(types >>> 2, (types >>> 2) + typeCount),
          (type) => typesById[type],
        );
        invoke = getWasmTableEntry(target);
      }
      const stack = stackSave();
      const outer = blocks.length;
      const handles = values.filter((value) => value instanceof EngineHandle);
      handles.forEach((handle) => handle.hold(1));
      try {
        return result.from(invoke(...parameters.map((type, i) => type.to(values[i]))));
      } finally {
        stackRestore(stack);
        blocks.splice(outer).forEach((block) => _free(block));
        handles.forEach((handle) => handle.hold(-1));
      }
    };
    const [owner, method] = name.split('.');
    if (method) {
      Module[owner].prototype[method] = function (...values) {
        return call(this, ...values);
      };
    } else {
      Module[name] = call;
    }
  },

  // What is deleted during calls that it takes part in, by the user's code that they come to, lives
  // until they end.
  $EngineHandle: class {
    static address(handle) {
      if (handle?.deleted) throw new TypeError('a handle was used after delete()');
      return handle?.address ?? 0;
    }
    static tensor(address) {
      return address ? new Module.Tensor(address) : undefined;
    }
    constructor(address) {
      this.address = address;
      this.calls = 0;
    }
    hold(calls) {
      this.calls += calls;
      if (this.deleted && !this.calls) {
        this.destroy(this.address);
        this.address = 0;
      }
    }
    delete() {
      this.deleted = true;
      this.hold(0);
    }
  },

  lamella_register_handle__sig: 'vpppp',
  lamella_register_handle__deps: [
    '$EngineHandle',
    '$UTF8ToString',
    '$getWasmTableEntry',
    '$typesById',
  ],
  lamella_register_handle: (type, pointer, name, destroy) => {
    class Handle extends EngineHandle {}
    Handle.prototype.destroy = getWasmTableEntry(destroy);
    Module[UTF8ToString(name)] = Handle;
    typesById[type] = typesById[pointer] = {
      from: (address) => (address ? new Handle(address) : undefined),
      to: EngineHandle.address,
    };
  },
});
