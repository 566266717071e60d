import { defineConfig } from "vitest/config";

declare const process: { env: Record<string, string | undefined> };

const server = process.env.ATTRIBOARD_SERVER ?? "http://127.0.0.1:8321";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../backend/attriboard/static",
    emptyOutDir: true,
    target: "es2022",
    // The content-security policy allows no data: scripts or fonts; keep every asset a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The server refuses writes from other origins, so requests carry its own.
  server: {
    proxy: { "/api": { target: server, changeOrigin: true, headers: { origin: server } } },
  },
  // A document takes a second to make: a test file that needs one says so in its first line.
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
