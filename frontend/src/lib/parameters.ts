// A method's parameters as text in a form and in the address, by their JSON Schema.

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  enum?: unknown[];
  items?: Schema;
  anyOf?: Schema[];
}

export type Kind = "integer" | "number" | "boolean" | "choice" | "integers" | "json" | "text";

export interface Parameter {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly kind: Kind;
  /** May be left to the method: shown as "auto". */
  readonly optional: boolean;
  readonly choices: readonly string[];
  readonly schema: Schema;
  /** The default as text. */
  readonly text: string;
}

export type Parsed = { ok: true; value: unknown } | { ok: false; error: string };

export function parametersOf(properties: Readonly<Record<string, Schema>> = {}): Parameter[] {
  return Object.entries(properties).map(([name, whole]) => {
    const { schema, optional } = withoutNull(whole);
    const kind = kindOf(schema);
    return {
      name,
      title: whole.title ?? plainName(name),
      help: whole.description ?? schema.description ?? "",
      kind,
      optional,
      choices: (schema.enum ?? []).filter((value) => value !== null).map(String),
      schema,
      text: textOf(whole.default, kind),
    };
  });
}

function withoutNull(schema: Schema): { schema: Schema; optional: boolean } {
  const types = [schema.type ?? []].flat();
  if (types.includes("null")) {
    return { schema: { ...schema, type: types.filter((type) => type !== "null") }, optional: true };
  }
  const rest = schema.anyOf?.filter((branch) => branch.type !== "null");
  if (!schema.anyOf || !rest) return { schema, optional: schema.enum?.includes(null) ?? false };
  const only = rest.length === 1 ? (rest[0] ?? {}) : { anyOf: rest };
  return {
    schema: { ...schema, anyOf: undefined, ...only } as Schema,
    optional: rest.length < schema.anyOf.length,
  };
}

function kindOf(schema: Schema): Kind {
  const types = [schema.type ?? []].flat();
  if (schema.enum) return "choice";
  if (types.length !== 1) return "json";
  if (types[0] === "integer" || types[0] === "number" || types[0] === "boolean") return types[0];
  if (types[0] === "string") return "text";
  if (types[0] === "array" && schema.items?.type === "integer") return "integers";
  return "json";
}

/** "n_steps" -> "n steps". */
export function plainName(name: string): string {
  return name.replaceAll("_", " ");
}

export function textOf(value: unknown, kind: Kind): string {
  if (value === null || value === undefined) return "";
  if (kind === "integers" && Array.isArray(value)) return value.join(", ");
  return kind === "json" ? JSON.stringify(value) : String(value);
}

/** The value a text stands for, or a sentence on what is wrong with it. */
export function parseText(parameter: Parameter, text: string): Parsed {
  const trimmed = text.trim();
  if (trimmed === "") {
    return parameter.optional
      ? { ok: true, value: null }
      : wrong(`Give ${article(parameter.kind)}.`);
  }
  switch (parameter.kind) {
    case "integer":
    case "number":
      return parseNumber(parameter, trimmed);
    case "boolean":
      return { ok: true, value: trimmed === "true" };
    case "choice":
      return parseChoice(parameter, trimmed);
    case "integers":
      return parseIntegers(trimmed);
    case "json":
      return parseJson(trimmed);
    case "text":
      return { ok: true, value: trimmed };
  }
}

function article(kind: Kind): string {
  if (kind === "integer") return "a whole number";
  if (kind === "number") return "a number";
  return kind === "integers" ? 'whole numbers, as in "8, 8"' : "a value";
}

function wrong(error: string): Parsed {
  return { ok: false, error };
}

function parseNumber({ kind, schema }: Parameter, text: string): Parsed {
  const value = Number(text.replace("−", "-"));
  if (!Number.isFinite(value)) return wrong(`This is no number: ${text}.`);
  if (kind === "integer" && !Number.isInteger(value)) return wrong("This must be a whole number.");
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && value < minimum) return wrong(`The least allowed is ${minimum}.`);
  if (maximum !== undefined && value > maximum) return wrong(`The most allowed is ${maximum}.`);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    return wrong(`This must be above ${exclusiveMinimum}.`);
  }
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) {
    return wrong(`This must be below ${exclusiveMaximum}.`);
  }
  return { ok: true, value };
}

function parseChoice({ schema, choices }: Parameter, text: string): Parsed {
  const found = schema.enum?.find((value) => String(value) === text);
  return found === undefined
    ? wrong(`This is one of: ${choices.join(", ")}.`)
    : { ok: true, value: found };
}

function parseIntegers(text: string): Parsed {
  const values = text
    .replace(/^[[(]|[\])]$/g, "")
    .split(/[,×x\s]+/)
    .filter(Boolean)
    .map(Number);
  if (!values.length || !values.every(Number.isInteger))
    return wrong('Give whole numbers, as in "8, 8".');
  return { ok: true, value: values };
}

/** JSON, or a plain list: "8, 8" is taken as [8, 8]. */
function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(/^[\d\s]+,[\d\s,]+$/.test(text) ? `[${text}]` : text) };
  } catch {
    return wrong("Write a number, a list as in 3, 8, 8, or lists as in [[3, 8, 8], [1]].");
  }
}
