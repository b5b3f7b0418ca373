// Graphviz in a worker, so that the page never waits for it; one layout at a time, the last one
// asked for is the next.

const PATIENCE = 30000; // ms

class Layouter {
  constructor() {
    this.code = this.unpack();
    this.start();
  }

  async unpack() {
    const parts = [await unpacked("viz").blob(), "\n", $("worker").textContent];
    return URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  }

  start() {
    this.worker = this.code.then((url) => new Worker(url));
    this.last = Promise.resolve();
  }

  // The layout of this DOT; an Error where Graphviz fails or takes too long.
  run(dot) {
    const mine = this.last.catch(() => {}).then(() => this.ask(dot));
    this.last = mine;
    return mine;
  }

  async ask(dot) {
    const worker = await this.worker;
    return new Promise((done, fail) => {
      const end = (error) => {
        clearTimeout(clock);
        if (error) fail(new Error(error));
      };
      const clock = setTimeout(() => {
        worker.terminate();
        this.start();
        fail(new Error("this takes too long to draw: open less of it"));
      }, PATIENCE);
      worker.onerror = (event) => end(event.message || "the layout failed");
      worker.onmessage = ({ data }) => {
        end(data.error);
        if (data.output) done(places(JSON.parse(data.output)));
      };
      worker.postMessage(dot);
    });
  }
}

// Rectangles of nodes and clusters by their box's id, and the points of edges, y downwards.
function places(graph) {
  const [, , width, height] = numbers(graph.bb);
  const boxes = new Map();
  const names = [];
  for (const object of graph.objects || []) {
    names[object._gvid] = object.name;
    if (object.name.startsWith("cluster_")) {
      const [left, bottom, right, top] = numbers(object.bb);
      boxes.set(+object.name.slice(8), { x: left, y: height - top, w: right - left, h: top - bottom });
    } else if (object.pos) {
      const [x, y] = numbers(object.pos);
      const w = object.width * 72, h = object.height * 72;
      boxes.set(+object.name.slice(1), { x: x - w / 2, y: height - y - h / 2, w, h });
    }
  }
  const edges = (graph.edges || []).map(({ tail, head, pos }) => ({
    source: +names[tail].slice(1),
    target: +names[head].slice(1),
    points: (pos || "").split(" ").filter(Boolean).map((p) => {
      const [x, y] = numbers(p);
      return [x, height - y];
    }),
  }));
  return { width, height, boxes, edges };
}

const numbers = (text) => text.split(",").map(Number);
