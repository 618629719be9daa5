/** THREAD=REFERENCES (RFC 5256 §3), its six steps in order. What a stranger wrote in References makes no loop and no recursion. */
import { SOME, sortInTurns, type Turn } from '../../base/turns.ts';
import { byDate, type Id, type Thread, type Threadable } from './thread.ts';

interface Node {
  message: Threadable | undefined;
  parent: Node | undefined;
  /** Never changed but by `adopt` and `disown`. Most have none, and share that. */
  children: ReadonlySet<Node>;
}
const NONE: ReadonlySet<Node> = new Set();
const node = (message?: Threadable): Node => ({ message, parent: undefined, children: NONE });

function adopt(parent: Node, child: Node): void {
  child.parent = parent;
  if (parent.children === NONE) parent.children = new Set([child]);
  else (parent.children as Set<Node>).add(child);
}
function disown(parent: Node, child: Node): void {
  if (parent.children !== NONE) (parent.children as Set<Node>).delete(child);
}

export async function byReferences(messages: readonly Threadable[], turn: Turn): Promise<Thread[]> {
  const nodes = await linked(messages, turn);
  const roots = await pruned(nodes, turn);
  return sorted(await gathered(roots, turn), turn);
}

/** Step 1: by Message-ID; a parent once known stays, but for the message whose own References say better. */
async function linked(messages: readonly Threadable[], turn: Turn): Promise<Node[]> {
  const byId = new Map<Id, Node>();
  const all: Node[] = [];
  const make = (message?: Threadable): Node => {
    const made = node(message);
    all.push(made);
    return made;
  };
  const ofId = (id: Id): Node => {
    const known = byId.get(id) ?? make();
    byId.set(id, known);
    return known;
  };
  for (const [i, message] of messages.entries()) {
    if (i % SOME === 0) await turn();
    // No id, or one that another message has already: it stands by itself.
    const known = message.messageId === undefined ? undefined : ofId(message.messageId);
    const own = known && !known.message ? known : make();
    own.message = message;
    let last: Node | undefined;
    for (const id of message.references) {
      const next = ofId(id);
      if (last && !next.parent) link(last, next);
      last = next;
    }
    unlink(own);
    if (last) link(last, own);
  }
  return all;
}

function unlink(child: Node): void {
  if (child.parent) disown(child.parent, child);
  child.parent = undefined;
}

/** Not when it would make a loop. */
function link(parent: Node, child: Node): void {
  if (parent === child) return;
  // Only who has children can be an ancestor.
  if (child.children.size > 0) for (let at = parent.parent; at; at = at.parent) if (at === child) return;
  unlink(child);
  adopt(parent, child);
}

/** Every node, parents before their children. */
function downwards(roots: Iterable<Node>): Node[] {
  const order = [...roots];
  for (let i = 0; i < order.length; i++) for (const child of order[i]?.children ?? []) order.push(child);
  return order;
}

/** Steps 2 and 3: places without message go, their children move up; at the top only when there is one. */
async function pruned(all: readonly Node[], turn: Turn): Promise<Set<Node>> {
  const roots = new Set(all.filter((n) => !n.parent));
  await turn();
  for (const [i, at] of downwards(roots).reverse().entries()) {
    if (i % SOME === 0) await turn();
    if (at.message || (!at.parent && at.children.size > 1)) continue;
    const { parent } = at;
    if (parent) disown(parent, at);
    else roots.delete(at);
    for (const child of at.children) {
      if (parent) adopt(parent, child);
      else roots.add(child);
      child.parent = parent;
    }
  }
  return roots;
}

/** Of a place at the top: its first child (step 4). */
function first(at: Node): Threadable | undefined {
  if (at.message) return at.message;
  let found: Threadable | undefined;
  for (const { message } of at.children) if (message && (!found || byDate(message, found) < 0)) found = message;
  return found;
}

async function byFirst(nodes: ReadonlySet<Node>, turn: Turn): Promise<Node[]> {
  const dated: { at: Node; message: Threadable }[] = [];
  for (const at of nodes) {
    const message = first(at);
    if (message) dated.push({ at, message });
    if (dated.length % SOME === 0) await turn();
  }
  const inOrder = await sortInTurns(dated, (a, b) => byDate(a.message, b.message), turn);
  return inOrder.map(({ at }) => at);
}

/** Steps 4 and 5: threads at the top with the same subject are put together. */
async function gathered(roots: Set<Node>, turn: Turn): Promise<Set<Node>> {
  const inOrder = await byFirst(roots, turn);
  const table = new Map<string, Node>();
  for (const [i, at] of inOrder.entries()) {
    if (i % SOME === 0) await turn();
    const subject = first(at)?.subject;
    if (!subject) continue;
    const known = table.get(subject);
    const better = known?.message && (!at.message || (known.message.replyOrForward && !at.message.replyOrForward));
    if (!known || better) table.set(subject, at);
  }
  for (const [i, at] of inOrder.entries()) {
    if (i % SOME === 0) await turn();
    const subject = first(at)?.subject;
    const known = subject ? table.get(subject) : undefined;
    if (!subject || !known || known === at) continue;
    roots.delete(at);
    if (!known.message) join(known, at.message ? [at] : [...at.children]);
    else if (at.message?.replyOrForward && !known.message.replyOrForward) join(known, [at]);
    else {
      const place = node();
      roots.delete(known);
      roots.add(place);
      join(place, [known, at]);
      table.set(subject, place);
    }
  }
  return roots;
}

function join(parent: Node, children: readonly Node[]): void {
  for (const child of children) adopt(parent, child);
}

/** Step 6. */
async function sorted(roots: Set<Node>, turn: Turn): Promise<Thread[]> {
  const top: Thread[] = [];
  const waiting: [ReadonlySet<Node>, Thread[]][] = [[roots, top]];
  let done = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [nodes, out] = next;
    const inOrder = nodes.size > 1 ? await byFirst(nodes, turn) : nodes;
    for (const at of inOrder) {
      const { message, children } = at;
      if (done++ % SOME === 0) await turn();
      if (!first(at)) continue;
      const thread: Thread = { message, children: [] };
      out.push(thread);
      if (children.size > 0) waiting.push([children, thread.children]);
    }
  }
  return top;
}
