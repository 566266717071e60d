// Examples of one's own: made by editing, kept by the server, listed for every view.

import { computed, type ReadonlySignal } from "@preact/signals";
import { get, post, remove } from "../api/client";
import type { EditInfo, EditList, EditPayload, ExampleDetail } from "../api/types";
import { board } from "./board";
import { exampleIndex, filter, refreshExamples, reopenExamples } from "./examples";
import { detail, keepDetail } from "./explain";
import { Resource } from "./resource";
import { navigate, query } from "./url";

export type { EditInfo, EditPayload } from "../api/types";

const list = new Resource<EditList>();

/** All of one's own examples that were made to be looked at, the newest first. */
export const ownExamples: ReadonlySignal<readonly EditInfo[]> = computed(() =>
  (list.state.value.value?.edits ?? []).filter(({ role }) => role === "edit"),
);

export function loadEdits(): void {
  void list.load((signal) => get<EditList>("api/edits", { signal }));
}

/** Whether an index is one's own: they go on from the dataset's last. */
export function isOwn(index: number | null): boolean {
  return index !== null && board.value !== null && index >= board.value.size;
}

/** The dataset's example that the one on screen is, or was made of. */
export const originIndex: ReadonlySignal<number | null> = computed(() => {
  const index = exampleIndex.value;
  return isOwn(index) ? (detail.value?.edit?.origin ?? null) : index;
});

/** Whether the editor is open. */
export const editing: ReadonlySignal<boolean> = computed(() => query.value.edit === "true");

export function edit(open: boolean): void {
  navigate({ edit: open ? true : null });
}

/** Stores an example of one's own, made of another. Throws an ApiError. */
export async function makeEdit(
  parent: number,
  inputs: Readonly<Record<string, EditPayload>>,
  role: "edit" | "baseline" = "edit",
): Promise<ExampleDetail> {
  const made = await post<ExampleDetail>("api/edits", { parent, inputs, role });
  keepDetail(made);
  loadEdits();
  relist();
  return made;
}

export async function removeEdit(index: number): Promise<void> {
  list.set(await remove<EditList>(`api/edits/${index}`));
  relist();
}

/** Where one's own are listed, the list and its counts are made anew. */
function relist(): void {
  if (!filter.peek().own) return;
  reopenExamples();
  refreshExamples();
}

/** The bytes of a file as the server takes them. */
export async function payloadOf(file: Blob): Promise<{ file: string }> {
  return { file: await base64(file) };
}

export async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts: string[] = [];
  const step = 0x8000;
  for (let i = 0; i < bytes.length; i += step) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + step)));
  }
  return btoa(parts.join(""));
}
