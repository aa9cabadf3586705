import type { OnFetchProgress } from '../kernel-source';

/** One kernel source that can be built. */
export interface BuildSource {
  /** For the key, e.g. `linux-source`. */
  name: string;
  /** For people, e.g. `debian linux-source-6.12 6.12.1-1`; kept in the metadata of the stored kernel. */
  source: string;
  /** Changes whenever the source may have changed. */
  identity: string;
  /** Makes the source tree available, in `folder` where it has to be unpacked, and gives back its root, which is never written to. */
  unpack(folder: string, onProgress: OnFetchProgress): Promise<string>;
}
