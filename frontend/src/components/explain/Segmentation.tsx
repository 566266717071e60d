import { useCallback, useMemo, useState } from "preact/hooks";
import { drawClasses } from "../../canvas/classes";
import { percent, probability } from "../../lib/format";
import { css, kindColour, PALETTES } from "../../lib/palette";
import { headAt, type PlacesInfo } from "../../lib/places";
import type { Zoom } from "../../lib/zoom";
import { board, type ExampleDetail } from "../../state/board";
import { pictureAddress } from "../../state/examples";
import { choosePlace, place, predictionOf } from "../../state/explain";
import { dark } from "../../state/theme";
import { Segmented } from "../Segmented";
import { usePicture } from "./ImagePanel";
import { Panel } from "./Panel";
import { PictureCanvas, type Spot } from "./PictureCanvas";

type Show = "predicted" | "label" | "wrong";

const SHOWS: readonly { id: Show; title: string; help: string }[] = [
  { id: "predicted", title: "Predicted", help: "The class predicted at each pixel" },
  { id: "label", title: "Label", help: "The class each pixel has in the label" },
  { id: "wrong", title: "Wrong", help: "What is predicted where that differs from the label" },
];
const LISTED = 12;
const WIDEST = 1024;

/** The class predicted at each pixel; a click chooses the pixel that is explained. */
export function Segmentation({ detail }: { detail: ExampleDetail }) {
  const places = board.value?.output.places;
  const found = predictionOf()?.places;
  if (places?.what !== "pixel" || !found) return null;
  return <Pixels detail={detail} places={places} found={found} />;
}

interface PixelsProps {
  detail: ExampleDetail;
  places: PlacesInfo;
  found: { shape: number[]; classes: number[]; shares: (number | null)[] };
}

function Pixels({ detail, places, found }: PixelsProps) {
  const [show, setShow] = useState<Show>("predicted");
  const [spot, setSpot] = useState<Spot | null>(null);
  const picture = usePicture(addressOf(detail, places.of));
  const [height = 1, width = 1] = found.shape;
  const labels = detail.label_places?.length === found.classes.length ? detail.label_places : null;
  const shown = show === "label" && labels ? labels : found.classes;
  const differs = useCallback(
    (pixel: number) => (labels?.[pixel] ?? -1) >= 0 && labels?.[pixel] !== found.classes[pixel],
    [labels, found],
  );
  const neutral = PALETTES[dark.value ? "dark" : "light"].neutral;
  const draw = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      drawClasses(
        canvas,
        picture,
        { width, height, classes: shown },
        show === "wrong" ? null : places.background,
        show === "wrong" && labels ? differs : null,
        neutral,
        zoom,
      ),
    [picture, shown, show, labels, differs, neutral, width, height, places],
  );
  const chosen = place.value;
  const at = spot ? spot.y * width + spot.x : chosen;
  return (
    <Panel title="Segmentation" note={`${width} × ${height}`}>
      <div class="picture-pair">
        <PictureCanvas
          label="Classes of the pixels; choose the one to explain"
          caption="Click a pixel to explain its class"
          width={width}
          height={height}
          spot={spot}
          region={chosen === null ? null : regionOf(chosen, width)}
          onSpot={setSpot}
          onChoose={({ x, y }) => choosePlace(y * width + x)}
          draw={draw}
        />
      </div>
      {at !== null && (
        <p class="readout num">
          x {at % width}, y {Math.floor(at / width)} <b>{nameOf(places, found.classes[at])}</b>{" "}
          {probability(found.shares[at] ?? Number.NaN)}
          {labels && differs(at) && <span class="wrong"> label {nameOf(places, labels[at])}</span>}
        </p>
      )}
      <div class="panel-foot">
        {labels && (
          <Segmented label="What is coloured" options={SHOWS} value={show} onChange={setShow} />
        )}
        <Classes places={places} classes={shown} />
      </div>
    </Panel>
  );
}

/** The classes there are, by how much of the picture they take. */
function Classes({ places, classes }: { places: PlacesInfo; classes: readonly number[] }) {
  const counts = useMemo(() => {
    const found = new Map<number, number>();
    for (const kind of classes) found.set(kind, (found.get(kind) ?? 0) + 1);
    found.delete(-1);
    return [...found].sort((a, b) => b[1] - a[1]).slice(0, LISTED);
  }, [classes]);
  return (
    <ul class="class-list" aria-label="Classes in this picture">
      {counts.map(([kind, count]) => (
        <li key={kind}>
          <i
            class="class-swatch"
            style={kind === places.background ? {} : { backgroundColor: css(kindColour(kind)) }}
          />
          <span dir="auto">{nameOf(places, kind)}</span>
          <span class="muted num">{percent(count / classes.length)}</span>
        </li>
      ))}
    </ul>
  );
}

function nameOf(places: PlacesInfo, kind: number | undefined): string {
  return kind === undefined ? "" : (headAt(places, 0).names[kind] ?? `class ${kind}`);
}

function regionOf(pixel: number, width: number) {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  return { x0: x, y0: y, x1: x + 1, y1: y + 1 };
}

/** The address of the picture that the pixels are of. */
function addressOf({ index, inputs }: ExampleDetail, name: string | null): string | null {
  const input = inputs.find((known) => known.name === name);
  return input?.media ? pictureAddress(index, input.name, WIDEST) : null;
}
