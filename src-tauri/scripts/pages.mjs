// `npm run pages`: the window's pages alone in an ordinary browser, on the mock host with invented people; for drawing screens.
import { prepare, root, run } from './prepare.mjs'

prepare()
run(process.execPath, [`${root}node_modules/vite/bin/vite.js`, 'ui', ...process.argv.slice(2)])
