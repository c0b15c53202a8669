import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Badge, Button, Card, CopyButton, Dialog, Icon, type IconName, TextField } from '../design'
import { initials, personName, shortWhen } from '../i18n/format'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import type { KnownPersonView } from '../ipc/generated/KnownPersonView'
import type { LoginMethod } from '../ipc/generated/LoginMethod'
import type { SessionView } from '../ipc/generated/SessionView'
import { setSession, useView } from '../ipc/query'
import { StationCard } from '../station/StationCard'
import '../station/station.css'
import { PinBox } from './PinBox'
import { Shell } from './Shell'

const WAYS: { method: LoginMethod; icon: IconName }[] = [
  { method: 'cns', icon: 'card' },
  { method: 'spid', icon: 'user' },
  { method: 'cie', icon: 'card' },
]

type Props = {
  session: Extract<SessionView, { state: 'out' | 'logging_in' }>
  failure: Failure | null
  onFailure: (failure: Failure | null) => void
}

export function Login({ session, failure, onFailure }: Props) {
  const { t } = useTranslation('session')
  const client = useQueryClient()
  const station = useView('station_state', [])
  const [unlocking, setUnlocking] = useState<KnownPersonView | null>(null)
  const people = station.data?.people ?? []

  const enter = async (method: LoginMethod) => {
    onFailure(null)
    try {
      setSession(client, await call('session_login', { method }))
    } catch (refusal) {
      onFailure(toFailure(refusal))
    }
  }

  return (
    <Shell
      subtitle={t('region')}
      foot={
        <>
          <span>{station.data ? t('version', { version: station.data.version }) : null}</span>
          <span className="grow" />
          {station.data?.training ? <span>{t('footTraining')}</span> : null}
          {station.data?.citizen_address ? (
            <span className="line tight" data-testid="citizen-address">
              {t('citizen', { address: station.data.citizen_address })}
            </span>
          ) : null}
        </>
      }
    >
      <div className="login">
        <section>
          {session.state === 'logging_in' ? (
            <Waiting address={session.address} />
          ) : (
            <>
              <h1>{t('enter')}</h1>
              <p className="t-md mut login-intro">{t('enterText')}</p>
              {failure ? (
                <div className="login-gap">
                  <FailureBanner failure={failure} />
                </div>
              ) : null}
              <div className="login-ways">
                {WAYS.map(({ method, icon }) => (
                  <Way key={method} icon={icon} method={method} onPress={() => enter(method)} />
                ))}
              </div>
            </>
          )}
          {people.length > 0 ? (
            <>
              <div className="login-people">
                <h2 className="grow">{t('people')}</h2>
                <span className="mut t-xs">
                  {t(people.some(({ secret }) => secret === 'passphrase') ? 'peopleTextPhrase' : 'peopleText')}
                </span>
              </div>
              <Card>
                {people.map((known) => (
                  <div key={known.person.id} className="login-person">
                    <i className="frame-face">{initials(known.person)}</i>
                    <div>
                      <b>{personName(known.person)}</b>
                      <div className="t-xs mut cut">
                        {t('lastAccess', { structure: known.structure, at: shortWhen(known.last_access) })}
                      </div>
                    </div>
                    <Button
                      small
                      icon="unlocked"
                      testId={`known-${known.person.id}`}
                      onPress={() => {
                        onFailure(null)
                        setUnlocking(known)
                      }}
                    >
                      {t(known.secret === 'pin' ? 'enterPin' : 'enterPhrase')}
                    </Button>
                  </div>
                ))}
              </Card>
            </>
          ) : station.data && !station.data.link.online ? (
            <p className="login-people">
              <Badge tone="warn" icon="wifi">
                {t('needsNetwork')}
              </Badge>
            </p>
          ) : null}
        </section>
        <aside>{station.data ? <StationCard check={station.data.check} /> : null}</aside>
      </div>
      {unlocking ? <UnlockDialog known={unlocking} onClose={() => setUnlocking(null)} /> : null}
    </Shell>
  )
}

function Way({ icon, method, onPress }: { icon: IconName; method: LoginMethod; onPress: () => Promise<void> }) {
  const { t } = useTranslation('session')
  const [busy, setBusy] = useState(false)
  return (
    <button
      type="button"
      className="login-way"
      data-testid={`login-${method}`}
      aria-busy={busy || undefined}
      onClick={() => {
        if (busy) return
        setBusy(true)
        void onPress().finally(() => setBusy(false))
      }}
    >
      <Icon name={icon} size="l" />
      <span className="grow">
        <b>{t(method)}</b>
        <span className="t-xs mut">{t(`${method}Text`)}</span>
      </span>
      <Icon name="chevron-right" />
    </button>
  )
}

function Waiting({ address }: { address: string }) {
  const { t } = useTranslation('session')
  const client = useQueryClient()
  return (
    <div className="stack" data-testid="login-waiting">
      <h1>{t('waitingTitle')}</h1>
      <p className="t-md mut" role="status">
        {t('waitingText')}
      </p>
      <p>{t('waitingAddress')}</p>
      <div className="address">
        <span className="mono grow" data-testid="login-address">
          {address}
        </span>
        <CopyButton text={address} label={t('copyAddress')} done="" />
      </div>
      <div>
        <Button testId="login-cancel" onPress={async () => setSession(client, await call('session_login_cancel'))}>
          {t('stopWaiting')}
        </Button>
      </div>
    </div>
  )
}

function UnlockDialog({ known, onClose }: { known: KnownPersonView; onClose: () => void }) {
  const { t } = useTranslation(['session', 'frame'])
  const { secret, setSecret, failure, busy, submit } = useUnlock(known.person.id)
  const long = known.secret === 'pin' ? 6 : 12
  return (
    <Dialog
      title={t('unlockOf', { name: personName(known.person) })}
      size="s"
      onClose={onClose}
      onSubmit={submit}
      testId="unlock-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy} disabled={secret.length < long} testId="unlock-submit">
            {t('enterNow')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <SecretField kind={known.secret} value={secret} onChange={setSecret} />
        <p className="t-xs mut unlock-note">{t('notCard')}</p>
      </div>
    </Dialog>
  )
}

export function SecretField({
  kind,
  value,
  onChange,
}: {
  kind: KnownPersonView['secret']
  value: string
  onChange: (value: string) => void
}) {
  const { t } = useTranslation('session')
  return kind === 'pin' ? (
    <PinBox label={t('pin')} value={value} onChange={onChange} testId="secret" />
  ) : (
    <TextField label={t('phrase')} type="password" value={value} onChange={onChange} firstFocus testId="secret" />
  )
}

/** Opens or unlocks with the station's secret; the field is emptied after a wrong one. */
export function useUnlock(personId: string) {
  const client = useQueryClient()
  const [secret, setSecret] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    if (busy || secret === '') return
    setBusy(true)
    setFailure(null)
    try {
      setSession(client, await call('session_unlock', { person_id: personId, secret }))
    } catch (refusal) {
      setFailure(toFailure(refusal))
      setSecret('')
    } finally {
      setBusy(false)
    }
  }
  return { secret, setSecret, failure, busy, submit: () => void submit() }
}
