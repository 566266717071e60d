/** The server's answers, as they travel: names for the generated types, sharpened where the schema is loose. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Choice = Schemas["Choice"];
export type ModelInfo = Schemas["ModelView"];
export type LayerInfo = Schemas["LayerView"];
export type InputInfo = Schemas["InputView"];
export type OutputInfo = Schemas["OutputView"];
export type ColumnInfo = Schemas["ColumnView"];
export type CatalogInfo = Schemas["CatalogView"];

/** One parameter of a method: the part of JSON Schema the server writes. */
export interface ParameterSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  enum?: unknown[];
  items?: ParameterSchema;
  anyOf?: ParameterSchema[];
}

export interface ParametersSchema {
  type?: string;
  properties?: Record<string, ParameterSchema>;
  required?: string[];
}

export type MethodInfo = Omit<Schemas["MethodView"], "params"> & { params: ParametersSchema };
export type BoardInfo = Omit<Schemas["BoardView"], "methods"> & { methods: MethodInfo[] };

export type ExampleItem = Schemas["ExampleItem"];
export type ExamplesPage = Schemas["ExamplePage"];
export type Label = ExampleItem["label"];
/** A class's name, or several classes' names. */
export type Name = ExampleItem["label_name"];
export type Facets = Schemas["FacetsView"];
export type FacetValue = Schemas["CountView"];
export type ColumnFacet = Schemas["ColumnFacetView"];
export type Confusion = Schemas["ConfusionView"];
export type PulseAnswer = Schemas["Pulse"];
export type SavedView = Schemas["SavedViewView"];
export type Found = Schemas["IdAnswer"];
export type ScoreBin = Schemas["BinView"];

export interface Token {
  text: string;
  id: number;
  start: number;
  end: number;
  special: boolean;
}

/** A column of a table: its value as people read it, and where the model's numbers of it stand in the row. */
export interface TableColumn {
  name: string;
  unit: string | null;
  value: number | string | null;
  /** What most rows hold: the median, or the most frequent category. */
  usual: number | string | null;
  start: number;
  width: number;
}

export type InputView =
  | { kind: "image"; width: number; height: number; channels: number }
  | {
      kind: "video";
      frames: number;
      width: number;
      height: number;
      channels: number;
      /** Frames a second; null where nobody said. */
      rate: number | null;
      /** How the model's tensor is laid out, such as "CTHW". */
      layout: string;
      /** Where the frames lie on the picture that is sent. */
      sheet: { columns: number; rows: number; width: number; height: number };
    }
  | { kind: "text"; text: string; tokens: Token[] }
  | { kind: "table"; columns: TableColumn[] }
  | {
      kind: "series";
      layout: "first" | "last";
      /** Values of each channel. */
      length: number;
      /** Values in a unit of time; null where time is counted in steps. */
      rate: number | null;
      time_unit: string | null;
      /** Each a line of [step, value]. */
      channels: { name: string; unit: string | null; line: [number, number][] }[];
    }
  | {
      kind: "tensor";
      shape: number[];
      least: number | null;
      most: number | null;
      mean: number | null;
      /** How many numbers are not finite. */
      missing: number;
      /** Null where there are too many to send. */
      values: (number | null)[] | null;
    }
  | { kind: "graph"; names: string[]; columns: string[]; values: number[][] }
  | {
      kind: "audio";
      rate: number;
      seconds: number;
      channels: number;
      /** What the model gets. */
      form: "waveform" | "bands" | "spectrogram";
      /** The frequencies in Hz that bound the bands. */
      edges: number[] | null;
      /** Least and greatest sample of equal parts. */
      envelope: [number, number][];
      /** 0 to 255; rows from low to high, evenly in mel up to `top` Hz. */
      spectrogram: { rows: number; columns: number; top: number; values: number[] };
    }
  | {
      kind: "edges";
      /** The input that holds the nodes. */
      of: string;
      nodes: number;
      directed: boolean;
      /** Both ends, and the weight. */
      edges: [number, number, number][];
      /** Of each node, in 0 to 1. */
      places: [number, number][];
    }
  /** Its contribution counts, and there is nothing to look at. */
  | { kind: "hidden"; shape: number[] };

export type ExampleInput = Omit<Schemas["ExampleInput"], "view"> & { view: InputView };
export type Score = Schemas["ScoreView"];
export type ExampleDetail = Omit<Schemas["ExampleView"], "inputs"> & { inputs: ExampleInput[] };

export type EditInfo = Schemas["EditView"];
export type EditList = Schemas["EditList"];
/** What one input of an example of one's own is given as. */
export type EditPayload =
  | string
  | { file: string }
  | { painted: string }
  | { columns: Record<string, string | number | null> };

export type PlaceScores = Schemas["ScoresView"];

export type TargetSpec = null | number | { index: number[] } | { contrast: [number, number] };
/** A question to /api/attributions; all but examples and method may be left out. */
export type AttributionRequest = Pick<Schemas["AttributionQuestion"], "examples"> & {
  method: { id: string; params: Record<string, unknown> };
} & Partial<Omit<Schemas["AttributionQuestion"], "examples" | "method" | "target">> & {
    target?: TargetSpec;
  };
export type Contributions = Schemas["Contributions"];

/** What a result explains: its index or the two classes it contrasts, and a name for it. */
export interface ResultTarget {
  name: string;
  index?: number | number[] | null;
  contrast?: [number, number] | null;
}

export type ResultMeta = Omit<Schemas["ResultMeta"], "target" | "baseline"> & {
  target: ResultTarget | null;
  baseline: Record<string, string | { example: number }> | null;
};

export type JobProgress = Schemas["Progress"];
export type JobState = Schemas["JobView"]["state"];
export type Job = Omit<Schemas["JobView"], "results"> & { results: ResultMeta[] };

export interface AttributionsAnswer {
  results?: ResultMeta[];
  job?: Job;
}

export type Measured = Schemas["Measured"];
export type Curve = Schemas["CurveView"];

export interface MetricsAnswer {
  results?: Measured[];
  job?: Pick<Job, "id" | "progress">;
}

/** How to attribute, whatever the example. */
export type ColumnRequest = Omit<AttributionRequest, "examples">;
/** A question to /api/surveys: the same examples under each column. */
export interface SurveyRequest {
  examples: number[];
  columns: ColumnRequest[];
  /** Over how many of the examples the randomisation check goes. */
  checked: number;
}
export type SurveyTable = Schemas["SurveyTable"];
export type SurveyRow = Schemas["SurveyRow"];
export type SurveyEstimate = Schemas["SurveyEstimate"];
export type Mean = Schemas["MeanView"];

export interface SurveyAnswer {
  results?: SurveyTable[];
  job?: Pick<Job, "id" | "progress">;
}
export type OverviewTable = Schemas["OverviewTable"];
export type OverviewEstimate = Schemas["OverviewEstimate"];
export type ModelOverview = Schemas["ModelOverview"];
export type InputOverview = Schemas["InputOverview"];
export type FeatureMean = Schemas["FeatureMean"];
export type MeanMap = Schemas["MeanMap"];
/** A question to /api/overviews; the filter's members travel as the gallery's query holds them. */
export interface OverviewRequest {
  filter: Record<string, string | string[]>;
  method: { id: string; params: Record<string, unknown> };
  by: "predicted" | "label";
  models: string[] | null;
  baseline: Record<string, string | { example: number }> | null;
  seed: number;
}
export type Sweep = Schemas["SweepView"];
export type SweepDone = Schemas["SweepDone"];
/** A question to /api/sweeps; the filter's members travel as the gallery's query holds them. */
export interface SweepRequest {
  filter: Record<string, string | string[]>;
  method: { id: string; params: Record<string, unknown> } | null;
  models: string[] | null;
  baseline: Record<string, string | { example: number }> | null;
  seed: number;
}
export type Aggregate = Schemas["AggregateView"];
export type Summary = Schemas["SummaryView"];
export type Group = Schemas["GroupView"];

export type Estimate = Schemas["Estimate"];
/** RFC 9457; anything between the server and the page may answer with less of it. */
export type ProblemBody = Partial<Schemas["Problem"]>;
