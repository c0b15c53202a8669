import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, TextField } from '../design'
import { personName } from '../i18n/format'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import type { SessionView } from '../ipc/generated/SessionView'
import { setSession } from '../ipc/query'
import { Shell } from './Shell'

/** The first login on this PC: nothing is built in, so the person makes the secret. */
export function CreateSecret({ session }: { session: Extract<SessionView, { state: 'needs_secret' }> }) {
  const { t } = useTranslation('session')
  const client = useQueryClient()
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const [asked, setAsked] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const pin = session.kind === 'pin'
  const short = first.length < (pin ? 6 : 12)
  const differ = first !== second

  const create = async () => {
    setAsked(true)
    if (short || differ || busy) return
    setBusy(true)
    setFailure(null)
    try {
      setSession(client, await call('session_create_secret', { secret: first }))
    } catch (refusal) {
      setFailure(toFailure(refusal))
    } finally {
      setBusy(false)
    }
  }
  const clean = (value: string) => (pin ? value.replace(/\D/g, '') : value)

  return (
    <Shell subtitle={t('region')} foot={<span>{t('noReset')}</span>}>
      <div className="middle">
        <div className="middle-box is-wide">
          <form
            className="ps-card middle-card"
            data-testid="create-secret"
            onSubmit={(event) => {
              event.preventDefault()
              void create()
            }}
          >
            <p className="cap">{personName(session.person)}</p>
            <h1>{t(pin ? 'createPin' : 'createPhrase')}</h1>
            <p className="t-md mut">{t('createText')}</p>
            <div className="middle-form">
              {failure ? <FailureBanner failure={failure} /> : null}
              <TextField
                label={t(pin ? 'newPin' : 'newPhrase')}
                type="password"
                inputMode={pin ? 'numeric' : 'text'}
                autoComplete="new-password"
                value={first}
                onChange={(value) => setFirst(clean(value))}
                hint={t(pin ? 'pinRule' : 'phraseRule')}
                error={asked && short ? t(pin ? 'tooShortPin' : 'tooShortPhrase') : undefined}
                testId="new-secret"
              />
              <TextField
                label={t(pin ? 'repeatPin' : 'repeatPhrase')}
                type="password"
                inputMode={pin ? 'numeric' : 'text'}
                autoComplete="new-password"
                value={second}
                onChange={(value) => setSecond(clean(value))}
                error={asked && !short && differ ? t('differ') : undefined}
                testId="repeat-secret"
              />
              <div className="line">
                <Button kind="primary" type="submit" busy={busy} testId="create-secret-submit">
                  {t('create')}
                </Button>
                <Button kind="quiet" onPress={async () => setSession(client, await call('session_leave'))}>
                  {t('leave')}
                </Button>
              </div>
            </div>
          </form>
        </div>
      </div>
    </Shell>
  )
}
