/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Bootstrap Italia carries the icons of a gallery that we do not use as a font in a data: address, which the policy refuses. */
const withoutInlineFonts: Plugin = {
  name: 'without-inline-fonts',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle))
      if (file.type === 'asset' && file.fileName.endsWith('.css'))
        file.source = String(file.source).replace(/@font-face\s*\{[^}]*url\(\s*["']?data:[^}]*\}/g, '')
  },
}

// `vite build ui` is what the program embeds. `vite build ui --mode mock` is the same window on invented people, for a plain
// browser: the mock host is left out of any other build because the mode is a constant.
export default defineConfig(({ mode }) => ({
  root: here,
  base: './',
  cacheDir: '../node_modules/.vite',
  plugins: [withoutInlineFonts, react()],
  resolve:
    mode === 'test'
      ? // The kit names its file under a condition that only bundlers ask for.
        {
          alias: {
            'design-react-kit': fileURLToPath(
              new URL('../node_modules/design-react-kit/dist/index.js', import.meta.url),
            ),
          },
        }
      : {},
  build: {
    outDir: mode === 'mock' ? '../target/ui-mock' : 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and icons stay files: the policy of the window refuses data: for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { port: 5173, strictPort: true, fs: { allow: ['..'] } },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['./vitest.setup.ts'],
    css: false,
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 20_000,
    // The core answers when it does, outside of any act(): the tests wait for what is on screen instead.
    onConsoleLog: (text) => !/not wrapped in act|wrapped into act/.test(text),
    server: { deps: { inline: [/design-react-kit/, /react-bootstrap/] } },
  },
}))
