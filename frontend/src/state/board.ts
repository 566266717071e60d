import { computed, type ReadonlySignal } from "@preact/signals";
import { get } from "../api/client";
import type { BoardInfo, InputInfo, LayerInfo, MethodInfo } from "../api/types";
import { Resource } from "./resource";
import { query } from "./url";

const resource = new Resource<BoardInfo>();

export const boardState = resource.state;
export const board: ReadonlySignal<BoardInfo | null> = computed(() => resource.state.value.value);

/** The model whose predictions are shown: the one in the address, else the board's first. */
export const modelName: ReadonlySignal<string | null> = computed(() => {
  const models = board.value?.models ?? [];
  const asked = query.value.model;
  return (models.find((model) => model.name === asked) ?? models[0])?.name ?? null;
});

/** That model's layers, in the order they run; none where they cannot be watched. */
export const layers: ReadonlySignal<readonly LayerInfo[]> = computed(() =>
  layersOf(modelName.value),
);

/** The layers of any model. */
export function layersOf(model: string | null): readonly LayerInfo[] {
  return board.value?.models.find(({ name }) => name === model)?.layers ?? [];
}

export async function loadBoard(): Promise<void> {
  await resource.load((signal) => get<BoardInfo>("api/board", { signal }));
  void lookAgain();
}

const AGAIN = 1500;

/** A model that was busy tells its layers later: until it has, methods that need them stay closed. */
async function lookAgain(): Promise<void> {
  while (board.peek()?.models.some(({ looked_at }) => looked_at === false)) {
    await new Promise((done) => setTimeout(done, AGAIN));
    try {
      resource.set(await get<BoardInfo>("api/board"));
    } catch {
      return; // what is on the page stays; the next request for anything says what is wrong
    }
  }
}

export function retryBoard(): void {
  resource.retry();
}

export function inputsOf(info: BoardInfo, modality: string): InputInfo[] {
  return info.inputs.filter((input) => input.modality === modality);
}

export function methodOf(info: BoardInfo, id: string): MethodInfo | null {
  return info.methods.find((method) => method.id === id) ?? null;
}

export type { ApiError } from "../api/client";
// What the server sends, for the layers above, which do not import api themselves.
export type {
  BoardInfo as Board,
  ColumnFacet,
  Confusion,
  ExampleDetail,
  ExampleInput,
  ExampleItem,
  FacetValue,
  Found,
  Group,
  InputInfo,
  LayerInfo,
  MethodInfo,
  ParameterSchema,
  ParametersSchema,
  SavedView,
  Score,
  Summary,
  TableColumn,
} from "../api/types";
