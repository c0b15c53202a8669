/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Bootstrap Italia carries the icons of a gallery that we do not use as a font in a data: address, which the policy refuses. */
const withoutInlineFonts: Plugin = {
  name: 'without-inline-fonts',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('.css')) return null
    return { code: code.replace(/@font-face\s*\{[^}]*url\(\s*["']?data:[^}]*\}/g, ''), map: null }
  },
}

// `vite build ui` is what the program embeds. `vite build ui --mode mock` is the same window on invented people, for a plain
// browser: the mock host is left out of any other build because the mode is a constant.
export default defineConfig(({ mode }) => ({
  root: here,
  base: './',
  plugins: [withoutInlineFonts, react()],
  build: {
    outDir: mode === 'mock' ? '../target/ui-mock' : 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and icons stay files: the policy of the window refuses data: for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { port: 5173, strictPort: true },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['./vitest.setup.ts'],
    css: false,
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
}))
