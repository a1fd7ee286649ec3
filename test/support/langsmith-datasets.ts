import { parseMultipart } from "./multipart.ts";

export interface Example {
  id: string;
  dataset_id: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  modified_at: string;
}

/** A run of a dataset. */
export interface Experiment {
  id: string;
  name: string;
  reference_dataset_id: string;
  extra?: { metadata?: Record<string, unknown> };
}

interface Request {
  method: string;
  url: URL;
  body: Buffer;
  contentType: string;
}

interface Reply {
  status: number;
  body: object;
}

/** LangSmith's API for datasets, examples and experiments. */
export function langSmithDatasets() {
  const datasets: { id: string; name: string }[] = [];
  const examples = new Map<string, Example>();
  const experiments = new Map<string, Experiment>();

  const routes: [RegExp, (request: Request, id: string) => Reply | undefined][] = [
    [/^GET \/datasets$/, ({ url }) => found(datasets.filter(({ name }) => name === url.searchParams.get("name")))],
    [/^GET \/datasets\/([^/]+)$/, (_request, id) => orMissing(datasets.find((dataset) => dataset.id === id))],
    [/^POST \/datasets$/, ({ body }) => addDataset(JSON.parse(body.toString()))],
    [/^PUT \/datasets\/([^/]+)\/tags$/, () => found({})],
    [/^GET \/examples\/([^/]+)$/, (_request, id) => orMissing(examples.get(id))],
    [/\/datasets\/([^/]+)\/examples$/, addExamples],
    [/^POST \/sessions$/, ({ body }) => addExperiment(JSON.parse(body.toString()))],
    [/^PATCH \/sessions\/([^/]+)$/, ({ body }, id) => changeExperiment(id, JSON.parse(body.toString()))],
  ];

  function addDataset({ name }: { name: string }): Reply {
    const dataset = { id: crypto.randomUUID(), name };
    datasets.push(dataset);
    return found(dataset);
  }

  /** The parts are named `<id>`, `<id>.inputs` and `<id>.outputs`. */
  function addExamples({ body, contentType }: Request, dataset_id: string): Reply {
    const ids = new Set<string>();
    for (const { name, data } of parseMultipart(body, contentType)) {
      const [id = "", field] = name.split(".");
      const news = field ? { [field]: JSON.parse(data.toString()) } : JSON.parse(data.toString());
      const modified_at = new Date().toISOString();
      examples.set(id, { ...examples.get(id), ...news, id, dataset_id, modified_at });
      ids.add(id);
    }
    return found({ count: ids.size, example_ids: [...ids] });
  }

  function addExperiment(experiment: Experiment): Reply {
    const { id = crypto.randomUUID() } = experiment;
    experiments.set(id, { ...experiment, id });
    return found({ ...experiment, id });
  }

  function changeExperiment(id: string, change: Partial<Experiment>): Reply | undefined {
    const experiment = experiments.get(id);
    if (!experiment) return missing;
    const said = Object.entries(change).filter(([, value]) => value !== null);
    experiments.set(id, { ...experiment, ...Object.fromEntries(said) });
    return found({});
  }

  return {
    datasets,
    examples,
    experiments,
    /** Undefined if it is not one of its routes. */
    answer(request: Request): Reply | undefined {
      const route = `${request.method} ${request.url.pathname}`;
      for (const [pattern, reply] of routes) {
        const match = pattern.exec(route);
        if (match) return reply(request, match[1] ?? "");
      }
      return undefined;
    },
  };
}

const missing: Reply = { status: 404, body: { detail: "not found" } };

function found(body: object): Reply {
  return { status: 200, body };
}

function orMissing(body: object | undefined): Reply {
  return body ? found(body) : missing;
}
