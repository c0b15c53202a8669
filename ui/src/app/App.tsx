import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { call } from '../ipc/call'
import type { Failure } from '../ipc/generated/Failure'
import { setSession, useCoreEvents, useView } from '../ipc/query'
import { ChooseRole } from '../session/ChooseRole'
import { CreateSecret } from '../session/CreateSecret'
import { LockScreen } from '../session/LockScreen'
import { Login } from '../session/Login'
import { SetRegion } from '../station/SetRegion'
import { Frame } from './Frame'
import { firstPlace } from './places'
import { RouteProvider } from './routes'

/** The session decides what is on screen. Behind the lock nothing clinical is in the page. */
export function App() {
  const client = useQueryClient()
  const session = useView('session_state', [])
  const station = useView('station_state', [])
  const [loginFailure, setLoginFailure] = useState<Failure | null>(null)
  const onLoginFailed = useCallback(
    (failure: Failure) => {
      setLoginFailure(failure)
      void call('session_state').then((view) => setSession(client, view))
    },
    [client],
  )
  useCoreEvents(onLoginFailed)
  useActivity(session.data?.state === 'open')

  // The route survives the lock of the same person and dies with the session.
  const lastRoute = useRef<{ person: string; assignment: string } | null>(null)
  const state = session.data
  if (state?.state === 'open') lastRoute.current = { person: state.person.id, assignment: state.assignment.id }
  if (state && state.state !== 'open' && state.state !== 'locked') lastRoute.current = null

  if (!state || !station.data) return station.data?.needs_region ? <SetRegion /> : null
  if (station.data.needs_region) return <SetRegion />
  const owner = lastRoute.current
  return (
    <RouteProvider
      key={owner ? `${owner.person}/${owner.assignment}` : 'nobody'}
      start={{ place: state.state === 'open' ? firstPlace(state.assignment.role) : 'today' }}
    >
      {state.state === 'open' ? <Frame session={state} /> : null}
      {state.state === 'locked' ? <LockScreen session={state} /> : null}
      {state.state === 'needs_secret' ? <CreateSecret session={state} /> : null}
      {state.state === 'needs_role' ? <ChooseRole session={state} /> : null}
      {state.state === 'out' || state.state === 'logging_in' ? (
        <Login session={state} failure={loginFailure} onFailure={setLoginFailure} />
      ) : null}
    </RouteProvider>
  )
}

/** Tells the core that somebody is at the keyboard, at most every 20 seconds, so that it locks when nobody is. */
function useActivity(open: boolean) {
  useEffect(() => {
    if (!open) return
    let last = 0
    const touch = () => {
      const now = Date.now()
      if (now - last < 20_000) return
      last = now
      call('session_touch').catch(() => {})
    }
    touch()
    const events = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const
    for (const event of events) window.addEventListener(event, touch, { passive: true })
    return () => {
      for (const event of events) window.removeEventListener(event, touch)
    }
  }, [open])
}
