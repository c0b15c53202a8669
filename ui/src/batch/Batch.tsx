import { useRoute } from '../app/routes'
import { SkeletonCards } from '../design'
import { useView } from '../ipc/query'
import { BatchProgress } from './BatchProgress'
import { ToSign } from './ToSign'
import './batch.css'

/** *Firma massiva*: the reports to sign; and, while a batch goes on and until its results are put away, the batch. */
export function Batch() {
  const { go } = useRoute()
  const state = useView('batch_state', [])
  if (state.isPending) return <SkeletonCards />
  if (state.data) return <BatchProgress batch={state.data} />
  return <ToSign onLeave={() => go({ place: 'today' })} />
}
