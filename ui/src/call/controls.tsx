/** What the doctor can do to the call, wherever it is shown. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { CallView } from '../ipc/generated/CallView'
import type { Failure } from '../ipc/generated/Failure'
import { CALL_KEY } from '../ipc/query'

export function useCallControls() {
  const client = useQueryClient()
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState<string | null>(null)
  const run = async <A,>(name: string, ask: () => Promise<A>) => {
    if (busy === name) return null
    setBusy(name)
    setFailure(null)
    try {
      return await ask()
    } catch (refusal) {
      setFailure(toFailure(refusal))
      return null
    } finally {
      setBusy(null)
    }
  }
  const show = (view: CallView) => {
    if (view && typeof view === 'object' && 'phase' in view) client.setQueryData(CALL_KEY, view)
  }
  return {
    failure,
    busy,
    clearFailure: () => setFailure(null),
    microphone: (on: boolean) => run('microphone', async () => show(await call('call_microphone', { on }))),
    camera: (on: boolean) => run('camera', async () => show(await call('call_camera', { on }))),
    chat: (text: string) =>
      run('chat', async () => {
        show(await call('call_chat', { text }))
        return true
      }),
    captureImage: () =>
      run('image', async () => {
        await call('call_capture_image')
        await client.invalidateQueries({ queryKey: ['report'] })
        return true
      }),
  }
}
