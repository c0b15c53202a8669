import type { ReactNode } from 'react'
import { useEffect, useState } from 'react'
import { LinkState } from '../app/Frame'
import { when } from '../i18n/format'
import { useView } from '../ipc/query'
import './session.css'

/** The frame of the screens without patients: login, secret, role, lock. */
export function Shell({
  subtitle,
  children,
  aside,
  foot,
}: {
  subtitle: string
  children: ReactNode
  aside?: ReactNode
  foot: ReactNode
}) {
  const station = useView('station_state', [])
  return (
    <div className="shell">
      <header className="shell-head">
        <b>Postazione</b>
        <span className="shell-sub cut">{subtitle}</span>
        <span className="grow" />
        {station.data ? <LinkState link={station.data.link} /> : null}
        <Now />
      </header>
      <main className="shell-main">{children}</main>
      {aside}
      <footer className="shell-foot t-xs mut">{foot}</footer>
    </div>
  )
}

function Now() {
  const [now, setNow] = useState(() => new Date().toISOString())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date().toISOString()), 10_000)
    return () => clearInterval(timer)
  }, [])
  return <span className="nw wide-only">{when(now)}</span>
}
