/** Builds of the distribution's kernel: `cloud` is smaller and boots faster, `amd64` has drivers for every machine. */
export const FLAVOURS = ['cloud', 'amd64'] as const;
export type Flavour = (typeof FLAVOURS)[number];

export interface FetchProgress {
  /** What is being done, e.g. `download linux-image-6.12.1-cloud-amd64-unsigned, 33 MiB`. */
  doing: string;
  /** From 0 to 1, when known. */
  fraction?: number;
  /** How much of how much, e.g. `700 of about 2200 files`; changes often. */
  count?: string;
}

export type OnFetchProgress = (progress: FetchProgress) => void;

/** One kernel that can be had. */
export interface KernelOffer {
  /** Tells this kernel from every other of any source; kept in the metadata of the stored kernel. */
  source: string;
  /** Unpacks it under `folder`, which is empty; gives back the folder with boot/ and lib/modules/. */
  unpack(folder: string, onProgress: OnFetchProgress): Promise<string>;
}

/** One way to get a kernel without building it. */
export interface KernelSource {
  newest(flavour: Flavour, onProgress: OnFetchProgress): Promise<KernelOffer>;
}
