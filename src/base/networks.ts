import { BlockList, isIP } from 'node:net';

const KEPT = 1000;
const CIDR = /^([0-9a-f.:]+)\/(\d{1,3})$/i;

/** "10.0.0.0/8", "2001:db8::/32", or one address. */
export function isNetwork(text: string): boolean {
  const [address, bits] = partsOf(text);
  const family = isIP(address);
  return family !== 0 && bits <= (family === 4 ? 32 : 128);
}

function partsOf(text: string): [address: string, bits: number] {
  const match = CIDR.exec(text);
  if (match) return [match[1] ?? '', Number(match[2])];
  return [text, isIP(text) === 4 ? 32 : 128];
}

/** Whether an address lies in one of these networks. */
export function inNetworks(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = partsOf(network);
    list.addSubnet(address, bits, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return remembering((address) => {
    // A listener on both families sees IPv4 as ::ffff:192.0.2.1.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  });
}

/** Asked several times for each message. */
function remembering(ask: (address: string) => boolean): (address: string) => boolean {
  const known = new Map<string, boolean>();
  return (address) => {
    const answer = known.get(address) ?? ask(address);
    if (known.size >= KEPT) known.clear();
    known.set(address, answer);
    return answer;
  };
}
