import { expect, test } from 'vitest'
import { wire } from '../ipc/mock/film'
import { cellOf, cornerSize, countDrawn, drawnCount, forgetDrawn, readStamp } from './drawn'
import { toRgba } from './painter'
import { readPicture } from './wire'

const grey = {
  y: new Uint8Array(640 * 360).fill(90),
  u: new Uint8Array(320 * 180).fill(128),
  v: new Uint8Array(320 * 180).fill(128),
}

function cornerOf(buffer: ArrayBuffer) {
  const picture = readPicture(buffer)
  if (!picture) throw new Error('not a picture')
  const rgba = new Uint8ClampedArray(picture.width * picture.height * 4)
  toRgba(picture, rgba)
  const { width, height } = cornerSize(picture.height)
  const corner = new Uint8ClampedArray(width * height * 4)
  for (let row = 0; row < height; row += 1)
    corner.set(rgba.subarray(row * picture.width * 4, row * picture.width * 4 + width * 4), row * width * 4)
  return corner
}

test('a picture is read from its wire form', () => {
  const picture = readPicture(wire(1, grey, 7, null))
  expect(picture).toMatchObject({ kind: 'own', width: 640, height: 360, seq: 7, skipped: 0 })
  expect(picture?.u.length).toBe(320 * 180)
})

test('what is cut, of another version or not a picture is not drawn', () => {
  const whole = wire(0, grey, 1, null)
  expect(readPicture(whole.slice(0, 20))).toBeNull()
  expect(readPicture(whole.slice(0, whole.byteLength - 1))).toBeNull()
  new DataView(whole).setUint8(1, 2)
  expect(readPicture(whole)).toBeNull()
  expect(readPicture(new ArrayBuffer(24)), 'a picture without size').toBeNull()
})

test('the number in a picture is read back after it became colours', () => {
  for (const number of [0, 1, 0xdeadbeef, 0xffffffff])
    expect(readStamp(cornerOf(wire(0, grey, 1, number)), 360)).toBe(number)
})

test('a picture without a stamp, or with a spoiled one, counts nothing', () => {
  expect(readStamp(cornerOf(wire(0, grey, 1, null)), 360)).toBeNull()
  const corner = cornerOf(wire(0, grey, 1, 42))
  const side = cellOf(360)
  for (let y = 0; y < side; y += 1) corner.fill(255, y * side * 32, y * side * 32 + side * 4)
  expect(readStamp(corner, 360)).toBeNull()
})

test('a picture drawn twice counts once', () => {
  forgetDrawn()
  for (const number of [5, 5, 6, null, 6, 7]) countDrawn(number)
  expect(drawnCount()).toBe(3)
})
