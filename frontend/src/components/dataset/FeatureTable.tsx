import { IntervalDot } from "../../charts/IntervalDot";
import { integer } from "../../lib/format";
import { ranked, scaleOf } from "../../lib/overview";
import { figure, percent, signed } from "../../lib/scale";
import { type FeatureMean, ranking } from "../../state/dataset";
import { SignedBar } from "../explain/SignedBar";

const SHOWN = 25;

interface FeatureTableProps {
  /** What stands in the rows: "Word" or "Column". */
  what: string;
  features: readonly FeatureMean[];
  /** The means are differences between two models. */
  drift?: boolean;
}

/** Words or columns with how often they occur, their mean and its interval, and their part of all. */
export function FeatureTable({ what, features, drift = false }: FeatureTableProps) {
  const rows = ranked(features, drift ? "share" : ranking.value).slice(0, SHOWN);
  if (!rows.length) return <p class="muted">There is none.</p>;
  const domain = scaleOf(rows);
  const most = Math.max(...rows.map(({ share }) => share));
  return (
    <table class="mod-table data-table num">
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col">{drift ? "Mean change" : "Mean"} (95 %)</th>
          <th scope="col" class="data-dot">
            {figure(domain[0], 2)} to {signed(domain[1], 2)}
          </th>
          <th scope="col">{drift ? "Part of all change" : "Part of all"}</th>
          <th scope="col">Examples</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row" class="ellipsis">
              <bdi>{row.name}</bdi>
            </th>
            <td>
              {signed(row.mean)} <span class="muted">{interval(row)}</span>
            </td>
            <td class="data-dot">
              <IntervalDot
                mean={row.mean}
                low={row.low}
                high={row.high}
                control={0}
                domain={domain}
              />
            </td>
            <td>
              <span class="data-share">
                <SignedBar value={row.share} most={most} centred={false} unsigned />
                {percent(row.share, 1)}
              </span>
            </td>
            <td>{integer(row.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function interval({ low, high }: FeatureMean): string {
  return low === null || high === null ? "" : `${signed(low)} to ${signed(high)}`;
}
