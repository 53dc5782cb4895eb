import type { DatasetInfo, Download, PartInfo } from './types.js';

/** The data sets that the build found; see vite.config.ts. */
declare const __DATASETS__: readonly DatasetInfo[];

export const datasets: readonly DatasetInfo[] = __DATASETS__;

function download({ path, bytes }: PartInfo): Download {
  return { url: new URL(`${import.meta.env.BASE_URL}${path}`, document.baseURI).href, bytes };
}

export function datasetOf(id: string): DatasetInfo {
  const dataset = datasets.find((candidate) => candidate.id === id) ?? datasets[0];
  if (dataset === undefined) throw new Error('This page was built without data.');
  return dataset;
}

/** The files of the first 10,000 samples, or of all, and of those held back. */
export function sourcesOf(id: string, full: boolean) {
  const { trainSmall, trainRest, testSmall, testRest } = datasetOf(id).parts;
  return {
    train: (full ? [trainSmall, trainRest] : [trainSmall]).map(download),
    test: (full ? [testSmall, testRest] : [testSmall]).map(download),
  };
}
