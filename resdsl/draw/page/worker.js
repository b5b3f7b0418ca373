// Behind viz in the worker: DOT in, places out.
const viz = Viz.instance();
onmessage = async ({ data }) => {
  try {
    const { status, output, errors } = (await viz).render(data, { format: "json0" });
    postMessage(status === "success" ? { output } : { error: errors.map((e) => e.message).join("; ") });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
