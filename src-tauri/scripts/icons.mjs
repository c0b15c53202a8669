// Draws the program's icons from assets/icons/postazione.svg. Run it when the drawing changes:
//   node src-tauri/scripts/icons.mjs        (needs rsvg-convert, Debian package librsvg2-bin)
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const svg = `${root}assets/icons/postazione.svg`
const out = `${root}src-tauri/icons/`
mkdirSync(out, { recursive: true })
const png = (size) => execFileSync('rsvg-convert', ['-w', String(size), '-h', String(size), svg])
writeFileSync(`${out}icon.png`, png(512))
writeFileSync(`${out}32x32.png`, png(32))
writeFileSync(`${out}128x128.png`, png(128))
// An ICO may carry a PNG as it is (Windows Vista and later): header, one entry, the picture.
const image = png(256)
const head = Buffer.alloc(22)
head.writeUInt16LE(1, 2)
head.writeUInt16LE(1, 4)
head.writeUInt16LE(1, 10)
head.writeUInt16LE(32, 12)
head.writeUInt32LE(image.length, 14)
head.writeUInt32LE(22, 18)
writeFileSync(`${out}icon.ico`, Buffer.concat([head, image]))
