/** Models as files. A further format is one more entry here and a word in FileFormat. */
import type { LayerConfig } from 'lamella';
import type { RemoteModel, WorkerClient } from 'lamella/worker';
import type { FileFormat, RunConfig } from '../types.js';
import { describeModel } from './network.js';

type Client = WorkerClient<LayerConfig>;

interface Format {
  readonly save: (model: RemoteModel) => Promise<Uint8Array<ArrayBuffer>>;
  /** Makes a model of a file; absent where lamella only writes the format. */
  readonly load?: (client: Client, bytes: Uint8Array, config: RunConfig) => Promise<RemoteModel>;
}

const formats: Readonly<Record<FileFormat, Format>> = {
  npz: { save: (model) => model.saveNpz(), load: (client, bytes) => client.loadNpz(bytes) },
  onnx: { save: (model) => model.exportOnnx() },
  safetensors: {
    save: (model) => model.saveSafetensors(),
    // Such a file has weights alone; the layers are those of the page.
    load: async (client, bytes, config) => {
      const model = await client.model(config.layers, describeModel(config));
      try {
        await model.loadSafetensors(bytes);
        return model;
      } catch (error) {
        model.dispose();
        throw error;
      }
    },
  },
};

function isFormat(ending: string): ending is FileFormat {
  return Object.hasOwn(formats, ending);
}

export function saveFile(model: RemoteModel, format: FileFormat): Promise<Uint8Array<ArrayBuffer>> {
  return formats[format].save(model);
}

async function checkFits(model: RemoteModel): Promise<void> {
  const [input, output] = [model.inputShape.join(' × '), model.outputShape.join(' × ')];
  if (input !== '1 × 28 × 28' || output !== '10') {
    throw new Error(
      `its network makes ${output} numbers of ${input}; this page needs ten of 1 × 28 × 28`,
    );
  }
  const { data } = await model.predict(new Float32Array(784));
  const sum = data.reduce((a, b) => a + b, 0);
  if (Math.min(...data) < 0 || Math.abs(sum - 1) > 1e-3) {
    throw new Error('its network does not end in probabilities, by a Softmax or its loss');
  }
}

/**
 * The model in a file, whose format follows from the file's name.
 * @param config - Says what the layers are where the file does not.
 * @throws Error, in words for the page's reader.
 */
export async function loadFile(
  client: Client,
  name: string,
  bytes: Uint8Array,
  config: RunConfig,
): Promise<RemoteModel> {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const load = isFormat(ending) ? formats[ending].load : undefined;
  try {
    if (load === undefined) throw new Error('the page reads .npz and .safetensors');
    const model = await load(client, bytes, config);
    try {
      await checkFits(model);
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const advice = ending === 'safetensors' ? ' Its weights must fit the layers listed below.' : '';
    throw new Error(`${name} cannot be loaded: ${why}.${advice}`, { cause: error });
  }
}
