import { useEffect, useMemo, useState } from "preact/hooks";
import { bandAt, drawSpectrogram, drawWave, type SoundStyle } from "../../canvas/sound";
import { css, PALETTES, sequential } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { among, limitAt, percent, signed } from "../../lib/scale";
import {
  bandNames,
  bandSums,
  hertz,
  type SoundMap,
  soundMap,
  strongestColumns,
} from "../../lib/sound";
import type { ExampleInput } from "../../state/board";
import { playFailure, playing, playSound, stopSound } from "../../state/player";
import { dark } from "../../state/theme";
import { Button } from "../Button";
import { Legend } from "./Legend";
import { Panel } from "./Panel";
import { SignedBar } from "./SignedBar";
import { useDeviceWidth } from "./useSize";

type AudioView = Extract<ExampleInput["view"], { kind: "audio" }>;

interface AudioPanelProps {
  input: ExampleInput;
  view: AudioView;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs. */
  share: number | null;
  /** Each element carries the value of its whole feature. */
  shared: boolean;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

/** The times that carry this part of all strength are what mattered. */
const MATTERS = 0.5;

/** The sound as a wave and as a spectrogram, coloured by time and frequency, and to be heard. */
export function AudioPanel(props: AudioPanelProps) {
  const { input, view, array, unsigned, stale, share, shared } = props;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const map = useMemo(
    () => (array ? soundMap(array, view.form, shared) : null),
    [array, view.form, shared],
  );
  const [spot, setSpot] = useState<Spot | null>(null);
  const ofTime: SoundStyle = {
    palette,
    unsigned,
    limit: props.limit ?? (map ? limitAt(map.profile, 100) : 0),
  };
  const ofBoth = { ...ofTime, limit: props.limit ?? (map ? limitAt(map.values, 99) : 0) };
  const kept = useMemo(() => (map ? strongestColumns(map.profile, MATTERS) : null), [map]);
  const ink = css(sequential(palette, "grey", 1));
  return (
    <Panel
      share={share}
      title={input.name}
      note={`${view.seconds.toFixed(2)} s at ${hertz(view.rate)}Hz`}
      stale={stale}
    >
      {input.media !== null && <Player url={input.media} kept={kept} />}
      <SoundCanvas
        label={`Waveform of ${input.name} with attributions; arrow keys read values`}
        height={110}
        marks={timeMarks(view.seconds)}
        spot={spot}
        onSpot={setSpot}
        kept={kept}
        draw={(canvas) => drawWave(canvas, view.envelope, map, ofTime, ink)}
        deps={[view, map, ofTime.limit, palette, unsigned]}
      />
      <SoundCanvas
        label={`Spectrogram of ${input.name} with attributions; arrow keys read values`}
        height={190}
        marks={[]}
        spot={spot}
        onSpot={setSpot}
        kept={null}
        draw={(canvas) => drawSpectrogram(canvas, view.spectrogram, map, view.edges, ofBoth)}
        deps={[view, map, ofBoth.limit, palette, unsigned]}
      />
      <SoundReadout {...{ view, map, spot }} />
      {map && (
        <div class="panel-foot graph-legends">
          <span class="muted">by time</span>
          <Legend {...ofTime} sign={unsigned ? "absolute" : "both"} strengths="violet" />
          {map.rows > 1 && (
            <>
              <span class="muted">by frequency</span>
              <Legend {...ofBoth} sign={unsigned ? "absolute" : "both"} strengths="violet" short />
            </>
          )}
        </div>
      )}
      {map && map.rows > 1 && map.rows <= 16 && (
        <Bands map={map} edges={view.edges} unsigned={unsigned} shared={shared} />
      )}
    </Panel>
  );
}

function Player({ url, kept }: { url: string; kept: readonly boolean[] | null }) {
  useEffect(() => stopSound, [url]);
  const now = playing.value?.url === url ? playing.value : null;
  const rest = kept ? kept.filter(Boolean).length / kept.length : 0;
  return (
    <div class="sound-player">
      <Button
        pressed={now !== null && !now.parts}
        onClick={() => (now && !now.parts ? stopSound() : void playSound(url, null))}
      >
        {now && !now.parts ? "Stop" : "Play"}
      </Button>
      {kept && rest > 0 && (
        <>
          <Button
            pressed={now?.parts ?? false}
            title={`The times that carry ${percent(MATTERS)} of all strength; the rest is silent`}
            onClick={() => (now?.parts ? stopSound() : void playSound(url, kept))}
          >
            {now?.parts ? "Stop" : "Play only what mattered"}
          </Button>
          <span class="muted num">
            {percent(rest)} of the time carries {percent(MATTERS)} of all strength
          </span>
        </>
      )}
      {playFailure.value && (
        <span role="alert" class="wrong">
          {playFailure.value}
        </span>
      )}
    </div>
  );
}

/** 0..1 from left to right and from bottom to top. */
interface Spot {
  x: number;
  y: number;
}

interface SoundCanvasProps {
  label: string;
  height: number;
  marks: readonly { at: number; text: string }[];
  spot: Spot | null;
  onSpot: (spot: Spot | null) => void;
  kept: readonly boolean[] | null;
  draw: (canvas: HTMLCanvasElement) => void;
  deps: readonly unknown[];
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-0.01, 0],
  ArrowRight: [0.01, 0],
  ArrowUp: [0, 0.05],
  ArrowDown: [0, -0.05],
};

function SoundCanvas({ label, height, marks, spot, onSpot, kept, draw, deps }: SoundCanvasProps) {
  const [frame, deviceWidth] = useDeviceWidth<HTMLDivElement>();
  useEffect(() => {
    const canvas = frame.current?.querySelector("canvas");
    if (!canvas || deviceWidth === 0) return;
    canvas.width = deviceWidth;
    canvas.height = Math.round(height * devicePixelRatio);
    draw(canvas);
  }, [deviceWidth, height, ...deps]);
  const head = playing.value;
  return (
    <div class="sound-frame" ref={frame}>
      <canvas
        role="img"
        tabIndex={0}
        aria-label={label}
        style={{ height: `${height}px` }}
        onPointerMove={(event) => onSpot(spotAt(event))}
        onPointerLeave={() => onSpot(null)}
        onBlur={() => onSpot(null)}
        onKeyDown={(event) => {
          const move = MOVES[event.key];
          if (!move) return;
          event.preventDefault();
          const { x, y } = spot ?? { x: 0.5, y: 0.5 };
          onSpot({ x: within(x + move[0]), y: within(y + move[1]) });
        }}
      />
      {spot && <i class="sound-line" style={{ left: `${100 * spot.x}%` }} />}
      {head && <i class="sound-line head" style={{ left: `${100 * head.place}%` }} />}
      {kept && <Kept kept={kept} />}
      {marks.map(({ at, text }) => (
        <small key={text} class="sound-mark num" style={{ left: `${100 * at}%` }}>
          {text}
        </small>
      ))}
    </div>
  );
}

/** A line under the times that matter. */
function Kept({ kept }: { kept: readonly boolean[] }) {
  return (
    <span class="sound-kept" aria-hidden="true">
      {kept.map((on, i) => on && <i key={i} style={edgesOf(i, kept.length)} />)}
    </span>
  );
}

function edgesOf(place: number, of: number) {
  return { left: `${(100 * place) / of}%`, width: `${100 / of + 0.05}%` };
}

function within(value: number): number {
  return Math.min(0.999, Math.max(0, value));
}

function spotAt(event: PointerEvent): Spot {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return {
    x: within((event.clientX - box.left) / box.width),
    y: within(1 - (event.clientY - box.top) / box.height),
  };
}

/** About six times, evenly. */
function timeMarks(seconds: number): { at: number; text: string }[] {
  const rough = seconds / 6;
  const step =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300].find((s) => s >= rough) ??
    600;
  return Array.from({ length: Math.ceil(seconds / step) }, (_, i) => ({
    at: (i * step) / seconds,
    text: `${Number((i * step).toFixed(2))} s`,
  }));
}

interface SoundReadoutProps {
  view: AudioView;
  map: SoundMap | null;
  spot: Spot | null;
}

function SoundReadout({ view, map, spot }: SoundReadoutProps) {
  if (!spot || !map) {
    return <p class="readout muted">{map ? "Point at the sound to read its values" : ""}</p>;
  }
  const column = Math.floor(spot.x * map.columns);
  const row = bandAt(spot.y, view.edges, view.spectrogram.top, map.rows);
  return (
    <p class="readout num">
      <span>{(spot.x * view.seconds).toFixed(2)} s</span>
      <b>{signed(map.profile[column] ?? 0)}</b>
      {map.rows > 1 && (
        <span class="muted">
          {bandNames(view.edges, map.rows)[row]}{" "}
          {signed(map.values[row * map.columns + column] ?? 0)}
        </span>
      )}
    </p>
  );
}

interface BandsProps {
  map: SoundMap;
  edges: readonly number[] | null;
  unsigned: boolean;
  shared: boolean;
}

/** What each band of frequencies comes to over all times. */
function Bands({ map, edges, unsigned, shared }: BandsProps) {
  const sums = bandSums(map).map((sum) => (shared ? sum / map.columns : sum));
  const most = limitAt(sums, 100);
  const names = bandNames(edges, map.rows);
  const centred = sums.some((value) => value < 0);
  return (
    <ul class="sound-bands num" aria-label="By frequency">
      {names
        .map((name, row) => ({ name, value: sums[row] ?? 0 }))
        .reverse()
        .map(({ name, value }) => (
          <li key={name}>
            <span class="muted">{name}</span>
            <SignedBar value={value} most={most} centred={centred} unsigned={unsigned} />
            <span class="value">{among(value, most)}</span>
          </li>
        ))}
    </ul>
  );
}
