import { css, diverging, inkOn, mix, PALETTES } from "../../lib/palette";
import { figureFixed } from "../../lib/scale";
import { dark } from "../../state/theme";

/** The strongest colour of the matrix, so that its numbers stay easy to read. */
const DEPTH = 0.7;

interface AgreementMatrixProps {
  matrix: readonly (readonly number[])[];
  columns: readonly { id: string; title: string; short: string }[];
}

/** Who agrees with whom, as numbers on the diverging palette. */
export function AgreementMatrix({ matrix, columns }: AgreementMatrixProps) {
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const colour = (value: number) => {
    const back = mix(palette.neutral, diverging(palette, value), DEPTH);
    return { backgroundColor: css(back), color: inkOn(back) };
  };
  return (
    <div class="agreement-scroll">
      <table class="agreement num">
        <thead>
          <tr>
            <td />
            {columns.map(({ id, title, short }) => (
              <th key={id} scope="col">
                <abbr title={title}>{short}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, i) => (
            <tr key={columns[i]?.id}>
              <th scope="row">
                <span class="ellipsis" title={columns[i]?.title}>
                  {columns[i]?.title}
                </span>
              </th>
              {row.map((value, j) => (
                <td
                  key={columns[j]?.id}
                  style={i === j || Number.isNaN(value) ? {} : colour(value)}
                >
                  {i === j ? "" : Number.isNaN(value) ? "–" : figureFixed(value, 2)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
