// Makes a fresh Debian or Ubuntu ready: system packages, npm packages, and the checks that come before a build.
//
// Every entry (`start`, `test`, `demo`, `bench`, `region`) calls `prepare`; a second run finds everything in place and
// costs a fraction of a second. On Windows and macOS it checks what it can and names what is missing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Debian packages by what they are for. */
const packages = {
  build: [
    'build-essential',
    'clang',
    'cmake',
    'libasound2-dev',
    'libayatana-appindicator3-dev',
    'libclang-dev',
    'librsvg2-dev',
    'libssl-dev',
    'libvpx-dev',
    'libwebkit2gtk-4.1-dev',
    'libxdo-dev',
    'nasm',
    'pkg-config',
    'libdbus-1-dev',
  ],
  run: [
    'gstreamer1.0-libav',
    'gstreamer1.0-plugins-bad',
    'gstreamer1.0-plugins-base',
    'gstreamer1.0-plugins-good',
    'fonts-dejavu-core',
  ],
  // What the unattended walk and the tests drive: a virtual display, the two browsers' drivers, a software token.
  walk: [
    'chromium',
    'dbus',
    'imagemagick',
    'opensc',
    'poppler-utils',
    'softhsm2',
    'webkit2gtk-driver',
    'xauth',
    'xvfb',
  ],
  test: ['default-jre-headless', 'gnome-keyring', 'maven', 'openssl', 'python3-venv'],
}

/** Prints one line of progress. */
export function say(line) {
  process.stdout.write(`${line}\n`)
}

/** Runs a command with its output on screen; stops the script when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (done.error) fail(`${command}: ${done.error.message}`)
  if (done.status !== 0) fail(`${command} ${args.join(' ')}: uscita ${done.status ?? done.signal}`)
}

/** Ends with a sentence and a non-zero code. */
export function fail(line, code = 1) {
  process.stderr.write(`${line}\n`)
  process.exit(code)
}

function has(command) {
  return spawnSync(process.platform === 'win32' ? 'where' : 'which', [command], { stdio: 'ignore' }).status === 0
}

function installed(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own notation
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  })
  const present = new Set(
    (asked.stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  )
  return names.filter((name) => !present.has(name))
}

function systemPackages(groups) {
  if (process.platform !== 'linux') return
  if (!has('dpkg-query') || !has('apt-get')) {
    say(`Sistema senza apt: servono i pacchetti equivalenti a ${groups.flatMap((g) => packages[g]).join(', ')}.`)
    return
  }
  let missing = installed(groups.flatMap((group) => packages[group]))
  if (missing.length === 0) return
  // Ubuntu ships Chromium as a snap: a transitional package there would not start under a driver.
  if (existsSync('/usr/bin/chromium') || existsSync('/snap/bin/chromium'))
    missing = missing.filter((name) => name !== 'chromium')
  if (missing.length === 0) return
  const asRoot = process.getuid?.() === 0
  if (!asRoot && !has('sudo'))
    fail(`Mancano pacchetti di sistema. Come amministratore: apt-get install ${missing.join(' ')}`)
  say(`Installo i pacchetti di sistema mancanti${asRoot ? '' : ' (con sudo)'}: ${missing.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const [command, prefix] = asRoot ? ['apt-get', []] : ['sudo', ['-E', 'apt-get']]
  const quiet = ['-q', '-o', 'Dpkg::Use-Pty=0']
  run(command, [...prefix, 'update', ...quiet], { env })
  run(command, [...prefix, 'install', '-y', '--no-install-recommends', ...quiet, ...missing], { env })
}

function toolchain() {
  if (!has('cargo')) fail('Manca Rust: si installa da https://rustup.rs, poi si riprova.')
  const version = spawnSync('rustc', ['--version'], { encoding: 'utf8' }).stdout?.match(/(\d+)\.(\d+)/)
  const wanted = readFileSync(`${root}Cargo.toml`, 'utf8').match(/rust-version = "(\d+)\.(\d+)"/)
  if (version && wanted && (+version[1] < +wanted[1] || (version[1] === wanted[1] && +version[2] < +wanted[2]))) {
    fail(`Serve Rust ${wanted[1]}.${wanted[2]} o successivo: rustup update stable`)
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) fail('Serve Node.js 20.19 o successivo.')
}

function npmPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex')
  const stamp = `${root}node_modules/.postazione-lock`
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  say('Installo i pacchetti npm...')
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: process.platform === 'win32',
  })
  writeFileSync(stamp, lock)
}

/** Makes the machine ready for the named groups: `build`, `run`, `walk`, `test`. */
export function prepare(...groups) {
  toolchain()
  systemPackages(groups)
  npmPackages()
  mkdirSync(`${root}target`, { recursive: true })
}

/** Builds the window's pages when their sources changed. */
export function buildPages() {
  const sources = spawnSync('git', ['ls-files', '-s', '--', 'ui', 'package-lock.json'], { cwd: root, encoding: 'utf8' })
  const changed = spawnSync('git', ['status', '--porcelain', '--', 'ui'], { cwd: root, encoding: 'utf8' })
  const key = createHash('sha256')
    .update(sources.stdout ?? '')
    .digest('hex')
  const stamp = `${root}ui/dist/.sources`
  const fresh =
    sources.status === 0 && changed.stdout === '' && existsSync(stamp) && readFileSync(stamp, 'utf8') === key
  if (fresh) return
  say('Preparo le pagine della finestra...')
  run(process.execPath, [`${root}node_modules/vite/bin/vite.js`, 'build', 'ui', '--logLevel', 'warn'])
  writeFileSync(stamp, key)
}

/** Builds a package's binary and returns its path. */
export function buildBinary(name, { release = false, features } = {}) {
  const profile = release ? ['--release'] : []
  const chosen = features === undefined ? [] : features
  run('cargo', ['build', '--locked', '-p', name, ...profile, ...chosen])
}
