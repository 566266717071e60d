/** The server's answers, as they travel. */

export interface Choice {
  id: string;
  title: string;
  help: string;
}

export interface ModelInfo {
  name: string;
  fingerprint: string;
  parameters: number | null;
  black_box: boolean;
}

export interface InputInfo {
  name: string;
  modality: string;
  features: Choice[];
  baselines: Choice[];
  default_baseline: string;
}

export interface OutputInfo {
  kind: "classes" | "regression" | "multilabel";
  names: string[];
  unit: string | null;
}

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

export interface MethodInfo {
  id: string;
  title: string;
  family: string;
  summary: string;
  params: ParametersSchema;
  cost: number;
  sites: string[];
  complete: boolean;
  unavailable: string | null;
}

export interface ColumnInfo {
  name: string;
  type: string;
  role: string;
}

export interface CatalogInfo {
  predicted: Record<string, number>;
  job: string | null;
  columns: ColumnInfo[];
}

export interface BoardInfo {
  name: string;
  version: string | null;
  size: number;
  labelled: boolean;
  models: ModelInfo[];
  inputs: InputInfo[];
  output: OutputInfo;
  methods: MethodInfo[];
  catalog: CatalogInfo;
  warnings: string[];
}

export type Label = number | string | (number | string)[] | null;
/** A class's name, or several classes' names. */
export type Name = string | string[] | null;

export interface ExampleItem {
  index: number;
  label: Label;
  label_name: Name;
  predicted: Label;
  predicted_name: Name;
  score: number | null;
  correct: boolean | null;
  margin: number | null;
  loss: number | null;
  texts: Record<string, string | null>;
  metadata: Record<string, unknown>;
}

export interface ExamplesPage {
  total: number;
  size: number;
  items: ExampleItem[];
  next_cursor: string | null;
}

export interface FacetValue {
  value: number | string | boolean | null;
  name: string;
  count: number;
}

export interface ScoreBin {
  from: number;
  to: number;
  count: number;
}

export interface Facets {
  total: number;
  labels: FacetValue[];
  predicted: FacetValue[];
  correct: { value: boolean | null; count: number }[];
  score: { bins: ScoreBin[] };
  accuracy: number | null;
  predicted_count: number;
}

export interface Token {
  text: string;
  id: number;
  start: number;
  end: number;
  special: boolean;
}

export type InputView =
  | { kind: "image"; width: number; height: number; channels: number }
  | { kind: "text"; text: string; tokens: Token[] };

export interface ExampleInput {
  name: string;
  modality: string;
  view: InputView;
  media: string | null;
}

export interface Score {
  index: number;
  name: string;
  score: number;
  probability: number;
}

export interface ExampleDetail {
  index: number;
  label: Label;
  label_name: Name;
  metadata: Record<string, unknown>;
  inputs: ExampleInput[];
  predictions: { model: string; predicted: Label; scores: Score[] }[];
}

export type TargetSpec = null | number | { index: number[] } | { contrast: [number, number] };

export interface AttributionRequest {
  examples: number[];
  method: { id: string; params: Record<string, unknown> };
  model?: string | null;
  target?: TargetSpec;
  baseline?: Record<string, string | { example: number }> | null;
  features?: Record<string, string> | null;
  layer?: string | null;
  neuron?: number | number[] | null;
  seed?: number;
}

export interface Contributions {
  net: Record<string, number>;
  magnitude: Record<string, number>;
  shapley?: {
    values: Record<string, number>;
    shares: Record<string, number>;
    interactions: { inputs: [string, string]; value: number }[];
    total: number;
  } | null;
}

export interface ResultMeta {
  key: string;
  example: number;
  model: string;
  method: { id: string; params: Record<string, unknown> };
  target: { name: string; index?: number | number[] | null; contrast?: [number, number] | null };
  baseline: Record<string, string | { example: number }>;
  features: Record<string, string> | null;
  seed: number;
  delta: number | null;
  gap: number | null;
  score: number | null;
  baseline_score: number | null;
  contributions: Contributions | null;
  warnings: string[];
  passes: number;
  seconds: number;
  shapes: Record<string, number[]>;
  engine: string;
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface JobProgress {
  done: number;
  total: number;
}

export interface Job {
  id: string;
  kind: "attribute" | "predict" | string;
  state: JobState;
  progress: JobProgress;
  results: ResultMeta[];
  error?: string | null;
}

export interface AttributionsAnswer {
  results?: ResultMeta[];
  job?: Job;
}

export interface Estimate {
  passes: number;
  examples: number;
  stored: number;
}

/** RFC 9457. */
export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  field?: string;
}
