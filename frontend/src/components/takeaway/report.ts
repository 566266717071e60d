// The view on screen as one file that opens anywhere: no script, no request, every picture inside it.

import { escaped } from "../../lib/svg";

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
/** What only makes sense where it can be pressed. */
const LIVE = [
  "nav",
  "dialog",
  "datalist",
  "script",
  "template",
  ".zoom-tools",
  ".image-controls",
  ".readout",
  ".method-bar",
  ".any-class",
  ".popover",
  ".steps",
  ".toolbar",
  ".what-if",
  ".own-examples",
  "aside[aria-label=Filters]",
  "[data-live]",
].join(",");
/** The page scrolls inside its parts; paper and files do not. */
const LAID_OUT = `
html, body { height: auto; overflow: visible; }
body { max-width: 1400px; margin: 0 auto; padding: 16px; }
.shell, .shell-main, .explain, .compare, .explain-main, .explain-side { height: auto; overflow: visible; }
.explain { grid-template-columns: minmax(0, 1fr) 316px; }
.tokens { max-height: none; }
.report-head { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; padding-bottom: 10px; }
.report-head h1 { margin: 0; font-size: 16px; }
.report-data { margin-top: 20px; padding-top: 8px; border-top: 1px solid var(--line); }
.report-data table { border-collapse: collapse; }
.report-data :is(th, td) { padding: 1px 14px 1px 0; text-align: start; font-weight: 400; }
.report-data td { font-variant-numeric: tabular-nums; text-align: end; }
.report-data pre { max-width: 100%; overflow: auto; padding: 10px; background: var(--bg); font-size: 12px; }
`;

export interface ReportTable {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

export interface ReportData {
  readonly board: string;
  readonly title: string;
  readonly tables: readonly ReportTable[];
  /** Everything needed to make it again, as JSON. */
  readonly provenance: readonly unknown[];
}

/** The main part of the page as HTML, with the numbers behind it and where they come from. */
export async function reportOf(main: HTMLElement, data: ReportData): Promise<string> {
  const copy = main.cloneNode(true) as HTMLElement;
  await freeze(main, copy);
  const theme = document.documentElement.dataset.theme ?? "light";
  const heading = `${data.title} · ${data.board}`;
  return [
    "<!doctype html>",
    `<html lang="en" data-theme="${escaped(theme)}">`,
    `<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(heading)}</title>`,
    `<style>${styles()}${LAID_OUT}</style></head>`,
    "<body>",
    `<header class="report-head"><h1>${escaped(heading)}</h1>`,
    `<span class="muted">AttriBoard, ${escaped(new Date().toISOString().slice(0, 16).replace("T", " "))} UTC</span>`,
    `<span class="muted">${escaped(address())}</span></header>`,
    copy.outerHTML,
    `<section class="report-data"><h2>Numbers</h2>${data.tables.map(tableOf).join("")}`,
    "<h2>Settings and provenance</h2>",
    ...data.provenance.map((one) => `<pre>${escaped(JSON.stringify(one, null, 1))}</pre>`),
    "</section></body></html>\n",
  ].join("\n");
}

/** The link to the view; the token that opens it is nobody else's. */
function address(): string {
  const url = new URL(location.href);
  url.searchParams.delete("token");
  return url.href;
}

function tableOf({ title, rows }: ReportTable): string {
  const lines = rows.map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  return `<h3>${escaped(title)}</h3><table>${lines.join("")}</table>`;
}

/** The rules of the page's own style sheets. A closing tag in one would end the element that holds them. */
function styles(): string {
  const rules = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].map((rule) => rule.cssText),
  );
  return rules.join("\n").replaceAll("</", "<\\/");
}

/** Makes the copy stand still: pictures by their pixels, controls by what they say. */
async function freeze(main: HTMLElement, copy: HTMLElement): Promise<void> {
  const pairs = (selector: string) => {
    const copies = [...copy.querySelectorAll<HTMLElement>(selector)];
    return [...main.querySelectorAll<HTMLElement>(selector)].map(
      (element, i) => [element, copies[i]] as const,
    );
  };
  const canvases = pairs("canvas");
  const images = pairs("img");
  const controls = pairs("input, select, textarea");
  for (const [canvas, still] of canvases) {
    still?.replaceWith(pictureOf((canvas as HTMLCanvasElement).toDataURL(), canvas));
  }
  for (const [image, still] of images) {
    still?.replaceWith(pictureOf(await pixelsOf(image as HTMLImageElement), image));
  }
  for (const [control, still] of controls) still?.replaceWith(textSpan(saidBy(control), "num"));
  for (const live of copy.querySelectorAll(LIVE)) live.remove();
  for (const other of copy.querySelectorAll(".segmented [aria-pressed=false]")) other.remove();
  for (const pressed of copy.querySelectorAll("button, a")) pressed.replaceWith(stillOf(pressed));
  for (const details of copy.querySelectorAll("details")) details.open = true;
  for (const element of [copy, ...copy.querySelectorAll("*")]) stripped(element);
}

/** No handler, and no address that would be asked. */
function stripped(element: Element): void {
  for (const { name, value } of [...element.attributes]) {
    const asks = ["src", "href", "srcset", "poster"].includes(name) && !value.startsWith("data:");
    if (asks || name.startsWith("on") || name === "tabindex") element.removeAttribute(name);
  }
}

function pictureOf(source: string, of: HTMLElement): HTMLImageElement {
  const image = document.createElement("img");
  image.src = source;
  image.alt = of.getAttribute("aria-label") ?? of.getAttribute("alt") ?? "";
  image.className = of.className;
  if (of instanceof HTMLCanvasElement) image.style.width = "100%";
  image.style.display = "block";
  return image;
}

async function pixelsOf(image: HTMLImageElement): Promise<string> {
  await image.decode().catch(() => {});
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, image.naturalWidth);
  canvas.height = Math.max(1, image.naturalHeight);
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  return canvas.toDataURL("image/png");
}

function saidBy(control: HTMLElement): string {
  if (control instanceof HTMLSelectElement) return control.selectedOptions[0]?.text ?? "";
  if (control instanceof HTMLInputElement && control.type === "checkbox")
    return control.checked ? "on" : "off";
  return (control as HTMLInputElement | HTMLTextAreaElement).value;
}

function textSpan(text: string, name: string): HTMLSpanElement {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

function stillOf(element: Element): HTMLSpanElement {
  const span = document.createElement("span");
  span.className = element.className;
  const pressed = element.getAttribute("aria-pressed");
  if (pressed) {
    // The style sheet marks what is chosen by this attribute, which only a button may have.
    span.setAttribute("role", "button");
    span.setAttribute("aria-disabled", "true");
    span.setAttribute("aria-pressed", pressed);
  }
  span.append(...element.childNodes);
  return span;
}
