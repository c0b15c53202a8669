// A screen and a session bus for a program that nobody looks at. Where the machine has a display the journeys still use
// their own: pictures have the same size everywhere, and nobody's mouse walks in.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Starts Xvfb on a free number and a session bus; both end with `close`. */
export async function openDisplay({ width = 1366, height = 768 } = {}) {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await firstLine(screen, screen.stdio[3], 'Xvfb')
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address=1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const address = await firstLine(bus, bus.stdout, 'dbus-daemon')
  return {
    environment: {
      DISPLAY: `:${number}`,
      DBUS_SESSION_BUS_ADDRESS: address,
      GDK_BACKEND: 'x11',
      NO_AT_BRIDGE: '1',
      // A virtual screen has no graphics card.
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
      LANG: 'C.UTF-8',
      TZ: 'Europe/Rome',
    },
    close() {
      for (const child of [bus, screen]) child.kill('SIGTERM')
    },
  }
}

export function firstLine(child, stream, name) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${name}: ${error.message}`)))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
    createInterface({ input: stream }).once('line', (line) => {
      child.removeAllListeners('exit')
      resolve(line.trim())
    })
  })
}
