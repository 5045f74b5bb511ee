import { Graph } from '#src/stream/gst/graph.adapter.js';
import type { BusMessage } from '#src/stream/native/types.js';

const graphs: Graph[] = [];

/** A graph of this text, whose elements find their graph's id as `{graph}`. */
export async function build(text: string): Promise<Graph> {
  const graph = await Graph.fromLaunch(`# {graph} string: id\n${text}`);
  graphs.push(graph);
  return graph;
}

/** Closes what `build` has given. */
export async function closeGraphs(): Promise<void> {
  await Promise.all(graphs.splice(0).map((graph) => graph.close()));
}

export const nextMessage = (graph: Graph, type: BusMessage['type']): Promise<BusMessage> =>
  new Promise((done) => graph.messages$.subscribe((message) => message.type === type && done(message)));

export const until = async (isMet: () => boolean): Promise<void> => {
  while (!isMet()) await new Promise((done) => setTimeout(done, 10));
};
