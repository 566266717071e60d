import type { ProblemBody } from "./types";

/** A request that did not succeed, in words a person can act on. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly title: string,
    readonly detail: string | null = null,
    readonly status = 0,
    readonly field: string | null = null,
  ) {
    super(detail ? `${title}: ${detail}` : title);
  }
}

/** Where work waits, the server lets the tabs take turns, and so needs to tell them apart. */
const TAB = Math.random().toString(36).slice(2);

export interface RequestOptions {
  query?: URLSearchParams | undefined;
  signal?: AbortSignal | undefined;
}

/** The address of something on the server. Relative, so that it works behind a proxy's path. */
export function address(path: string, query?: URLSearchParams): string {
  const url = new URL(path, document.baseURI);
  url.search = query?.toString() ?? url.search;
  return url.href;
}

export function get<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return request("GET", path, undefined, options).then((response) => response.json() as Promise<T>);
}

export function post<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return request("POST", path, body, options).then((response) => response.json() as Promise<T>);
}

export function put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return request("PUT", path, body, options).then((response) => response.json() as Promise<T>);
}

export function patch<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return request("PATCH", path, body, options).then((response) => response.json() as Promise<T>);
}

export function remove<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return request("DELETE", path, undefined, options).then((r) => r.json() as Promise<T>);
}

export function bytes(path: string, options: RequestOptions = {}): Promise<ArrayBuffer> {
  return request("GET", path, undefined, options).then((response) => response.arrayBuffer());
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

async function request(
  method: string,
  path: string,
  body: unknown,
  { query, signal }: RequestOptions,
): Promise<Response> {
  const init: RequestInit = { method, signal: signal ?? null, credentials: "same-origin" };
  init.headers = { "X-AttriBoard-Client": TAB };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(address(path, query), init).catch((error: unknown) => {
    if (isAbort(error)) throw error;
    throw new ApiError(
      "The server does not answer",
      "Is AttriBoard still running in its terminal?",
    );
  });
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const title =
    body.title ?? `The server answered ${response.status} ${response.statusText}`.trim();
  return new ApiError(title, body.detail ?? null, response.status, body.field ?? null);
}
