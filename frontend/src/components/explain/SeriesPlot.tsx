import { useEffect, useState } from "preact/hooks";
import { drawChannel, type Line, type SeriesStyle, type Stripes } from "../../canvas/series";
import type { Palette } from "../../lib/palette";
import { figure, percent, signed } from "../../lib/scale";
import {
  type Clock,
  channelSums,
  type Plotted,
  strongestChannels,
  ticksOf,
  timeOf,
  valueAt,
} from "../../lib/series";
import type { ExampleInput } from "../../state/board";
import { Button } from "../Button";
import { useDeviceWidth } from "./useSize";

export type SeriesView = Extract<ExampleInput["view"], { kind: "series" }>;

interface SeriesPlotProps {
  label: string;
  view: SeriesView;
  plotted: Plotted | null;
  limit: number;
  palette: Palette;
  unsigned: boolean;
  /** Of each channel, in CSS pixels. */
  height: number;
  /** More channels are shown on demand. */
  most: number;
  /** Where there is little room: names and ranges alone. */
  brief?: boolean;
}

/** Under the pointer, or where the arrow keys lead: 0..1 in time, and a channel among those shown. */
interface Spot {
  at: number;
  row: number;
}

const PROFILE_HEIGHT = 18;

/** Each channel as a line over time, on the colours of its attributions. */
export function SeriesPlot(props: SeriesPlotProps) {
  const { view, plotted, limit, palette, unsigned, height, most, brief } = props;
  const [all, setAll] = useState(false);
  const [spot, setSpot] = useState<Spot | null>(null);
  const style = { palette, unsigned, limit };
  const count = view.channels.length;
  const every = [...view.channels.keys()];
  const few = plotted ? strongestChannels(plotted, most) : every.slice(0, most);
  const rows = all || count <= most ? every : few;
  const sums = plotted && count > 1 && !brief ? channelSums(plotted) : null;
  return (
    <div class="series">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms. */}
      <div
        class="series-rows"
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys read the values.
        tabIndex={0}
        aria-label={`${props.label}; arrow keys read values`}
        onPointerMove={(event) => setSpot(spotAt(event))}
        onPointerLeave={() => setSpot(null)}
        onBlur={() => setSpot(null)}
        onKeyDown={(event) => {
          const next = moved(event.key, spot, view.length, rows.length);
          if (!next) return;
          event.preventDefault();
          setSpot(next);
        }}
      >
        {plotted && count > 1 && (
          <Profile plotted={plotted} style={style} spot={spot} length={view.length} />
        )}
        {rows.map((place, row) => {
          const [channel, columns] = [view.channels[place], plotted?.columns[place]];
          return (
            channel && (
              <Channel
                key={place}
                row={row}
                channel={channel}
                length={view.length}
                stripes={plotted && columns ? { columns, each: plotted.each } : null}
                style={style}
                height={height}
                spot={spot}
                sum={sums?.[place] ?? null}
              />
            )
          );
        })}
        <Times clock={view} />
      </div>
      {spot && <SeriesReadout {...{ view, plotted, spot }} place={rows[spot.row] ?? 0} />}
      {count > most && (
        <p class="series-more">
          <span class="muted">
            {all ? `All ${count} channels.` : `The ${most} strongest of ${count} channels.`}
          </span>
          <Button onClick={() => setAll(!all)}>{all ? "Show the strongest" : "Show all"}</Button>
        </p>
      )}
    </div>
  );
}

interface ChannelProps {
  row: number;
  channel: SeriesView["channels"][number];
  length: number;
  stripes: Stripes | null;
  style: SeriesStyle;
  height: number;
  spot: Spot | null;
  sum: { sum: number; share: number } | null;
}

function Channel({ row, channel, length, stripes, style, height, spot, sum }: ChannelProps) {
  return (
    <figure class="series-channel" data-row={row}>
      <figcaption>
        <b>
          <bdi>{channel.name}</bdi>
        </b>
        <span class="muted num">{rangeOf(channel)}</span>
        {sum && (
          <span class="muted num">
            {signed(sum.sum)}, {percent(sum.share, sum.share < 0.1 ? 1 : 0)} of the strength
          </span>
        )}
      </figcaption>
      <Strip line={channel.line} {...{ length, stripes, style, height, spot }} />
    </figure>
  );
}

/** All channels together, without a line. */
function Profile(props: {
  plotted: Plotted;
  style: SeriesStyle;
  spot: Spot | null;
  length: number;
}) {
  const { plotted, style, spot, length } = props;
  const limit = plotted.profile.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    <figure class="series-channel" data-row={0}>
      <figcaption>
        <span class="muted">all channels, ±{figure(limit)}</span>
      </figcaption>
      <Strip
        line={[]}
        stripes={{ columns: plotted.profile, each: plotted.each }}
        style={{ ...style, limit }}
        height={PROFILE_HEIGHT}
        {...{ length, spot }}
      />
    </figure>
  );
}

interface StripProps {
  line: Line;
  length: number;
  stripes: Stripes | null;
  style: SeriesStyle;
  height: number;
  spot: Spot | null;
}

function Strip({ line, length, stripes, style, height, spot }: StripProps) {
  const [frame, deviceWidth] = useDeviceWidth<HTMLDivElement>();
  const { palette, limit, unsigned } = style;
  useEffect(() => {
    const canvas = frame.current?.querySelector("canvas");
    if (!canvas || deviceWidth === 0) return;
    canvas.width = deviceWidth;
    canvas.height = Math.round(height * devicePixelRatio);
    drawChannel(canvas, line, length, stripes, style);
  }, [deviceWidth, height, line, length, stripes?.columns, palette, limit, unsigned]);
  return (
    <div class="series-strip" ref={frame}>
      <canvas style={{ height: `${height}px` }} />
      {spot && <i class="sound-line" style={{ left: `${100 * spot.at}%` }} />}
    </div>
  );
}

function Times({ clock }: { clock: Clock }) {
  return (
    <p class="series-times num muted" aria-hidden="true">
      {ticksOf(clock).map(({ at, text }) => (
        <span key={text} style={{ left: `${100 * at}%` }}>
          {text}
        </span>
      ))}
    </p>
  );
}

interface SeriesReadoutProps {
  view: SeriesView;
  plotted: Plotted | null;
  spot: Spot;
  place: number;
}

function SeriesReadout({ view, plotted, spot, place }: SeriesReadoutProps) {
  const channel = view.channels[place];
  if (!channel) return null;
  const step = Math.min(view.length - 1, Math.floor(spot.at * view.length));
  const value = valueAt(channel.line, step);
  const found = plotted?.columns[place]?.[Math.floor(step / plotted.each)];
  return (
    <p class="readout num" aria-live="polite">
      <span>{timeOf(step, view)}</span>
      <bdi>{channel.name}</bdi>
      {value !== null && (
        <span class="muted">
          {figure(value)} {channel.unit}
        </span>
      )}
      {found !== undefined && <b>{signed(found)}</b>}
    </p>
  );
}

function rangeOf({ line, unit }: SeriesView["channels"][number]): string {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [, value] of line) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const range = least === most ? figure(least) : `${figure(least)} to ${figure(most)}`;
  return unit ? `${range} ${unit}` : range;
}

function spotAt(event: PointerEvent): Spot | null {
  const row = (event.target as Element).closest<HTMLElement>(".series-channel");
  const canvas = row?.querySelector("canvas");
  if (!row || !canvas) return null;
  const { left, width } = canvas.getBoundingClientRect();
  const at = (event.clientX - left) / width;
  return at < 0 || at >= 1 ? null : { at, row: Number(row.dataset.row) };
}

/** One value to the side where they are few, else a hundredth of the time; a channel up or down. */
function moved(key: string, from: Spot | null, length: number, rows: number): Spot | null {
  const { at, row } = from ?? { at: 0.5, row: 0 };
  const step = Math.max(1 / length, 0.01);
  const within = (place: number) => Math.min(1 - 0.5 / length, Math.max(0.5 / length, place));
  if (key === "ArrowLeft") return { at: within(at - step), row };
  if (key === "ArrowRight") return { at: within(at + step), row };
  if (key === "ArrowUp") return { at, row: Math.max(0, row - 1) };
  if (key === "ArrowDown") return { at, row: Math.min(rows - 1, row + 1) };
  return null;
}
