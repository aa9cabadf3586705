import { HarnessError } from '../../../errors';
import { type MapAt, type MapElement, u32 } from './map-element';

/** LPM_TREE_NODE_FLAG_IM of kernel/bpf/lpm_trie.c: a node where two prefixes part, which nobody has put there. */
const INTERMEDIATE = 1;
/** Of a key, whose other bytes are data: struct bpf_lpm_trie_key_u8. */
const PREFIX_BYTES = 4;
/** Chosen above what a map of a million elements has, each with a node between it and another. */
const MAX_NODES = 2_200_000;
/** LPM_DATA_SIZE_MAX, in bits: a node is a longer prefix than the one above it. */
const MAX_DEPTH = 256 * 8 + 1;

/** A key is the length of a prefix in bits, and its bytes. A trie that is being changed may lead astray: no node is entered twice. */
export function* lpmTrieElements({ kernel, address, keySize }: MapAt): Generator<MapElement> {
  const dataBytes = keySize - PREFIX_BYTES;
  const seen = new Set<bigint>();
  const pending = [{ node: kernel.object('lpm_trie', address).get('root').big(), depth: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node: at, depth } = next;
    if (at === 0n || depth > MAX_DEPTH || seen.has(at) || kernel.memory.translate(at) === null) continue;
    if (seen.add(at).size > MAX_NODES)
      throw new HarnessError('decode', { what: 'a BPF map', at: 'its nodes', problem: `there are over ${MAX_NODES}` });
    const node = kernel.object('lpm_trie_node', at);
    for (const side of [1, 0]) pending.push({ node: node.get(`child[${side}]`).big(), depth: depth + 1 });
    if ((node.get('flags').number() & INTERMEDIATE) !== 0) continue;
    const data = node.get('data').address;
    const key = Buffer.concat([u32(node.get('prefixlen').number()), kernel.memory.read(data, dataBytes)]);
    yield { key, addresses: [data + BigInt(dataBytes)] };
  }
}
