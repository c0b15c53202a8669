// `npm start`: makes the machine ready, builds, and opens the window on the embedded region. Where nobody can see a window it
// runs the same program under a virtual display, walks a whole televisit with a real browser as the patient, and says where
// its pictures, the signed report and the receipts are.
import { spawn } from 'node:child_process'
import { buildBinary, buildPages, prepare, root, run, say } from './prepare.mjs'

const visible = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

prepare('build', 'run', ...(visible ? [] : ['walk']))
buildPages()

if (visible) {
  say('Costruisco il programma (la prima volta richiede alcuni minuti)...')
  buildBinary('workstation')
  const program = `${root}target/debug/postazione${process.platform === 'win32' ? '.exe' : ''}`
  const data = `${root}target/postazione`
  say('Apro la finestra. La Regione di prova è compresa nel programma: persone inventate, nessun valore legale.')
  say('Per fare la parte del paziente apra nel browser la pagina del cittadino, indicata qui sotto.')
  const window = spawn(program, ['--data', data, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => window.kill(signal))
  window.on('error', (error) => {
    process.stderr.write(`Il programma non parte: ${error.message}\n`)
    process.exit(1)
  })
  window.on('exit', (code) => process.exit(code ?? 0))
} else {
  const out = `${root}target/start`
  say('Nessuno schermo: eseguo lo stesso programma su uno schermo virtuale e percorro una televisita intera.')
  run(process.execPath, [`${root}tests/e2e/demo.mjs`, '--prepared', '--embedded', '--journey', 's1', '--out', out])
  say(`\nFigure, referto firmato e ricevute sono in ${out}`)
}
