/** *Da firmare al ritorno della rete*: one code signs every report that waits. What happens to one does not stop the others. */
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Dialog } from '../design'
import { personName } from '../i18n/format'
import { errors } from '../i18n/it/errors'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { QueueRowView } from '../ipc/generated/QueueRowView'
import type { SignedWaitingView } from '../ipc/generated/SignedWaitingView'
import { useView } from '../ipc/query'
import { RemoteFailure } from './RemoteFailure'
import { IdentityCard } from './SigningIdentity'
import { isTyped, NOTHING, SigningSecrets } from './SigningSecrets'

/** A service that is away may be back at any moment. */
const LOOK_AGAIN_MS = 5000

export function SignWaiting({ rows, onClose }: { rows: QueueRowView[]; onClose: () => void }) {
  const { t } = useTranslation(['report', 'frame', 'delivery'])
  const client = useQueryClient()
  const [secrets, setSecrets] = useState(NOTHING)
  const [done, setDone] = useState<SignedWaitingView | null>(null)
  const { run, failure, busy } = useAction()
  const devices = useView('report_signing_devices', [], { everyMs: busy || done ? false : LOOK_AGAIN_MS })
  const [chosen, setChosen] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  const identities = (devices.data?.identities ?? []).filter(({ blocked_by }) => blocked_by === null)
  // The remote signature is what they were made ready for.
  const ordered = [...identities].sort((a, b) => Number(b.kind === 'remote') - Number(a.kind === 'remote'))
  const identity = ordered[chosen % Math.max(ordered.length, 1)]
  const ready = identity !== undefined && !identity.signs_later && isTyped(identity, secrets)
  const nameOf = (televisit: string) => {
    const patient = rows.find(({ item }) => item.opens === televisit)?.patient
    return patient ? personName(patient) : t('delivery:noPatient')
  }
  const sign = () => {
    if (!identity || !ready || busy) return
    return run(
      () =>
        call('report_sign_waiting', { identity_id: identity.id, ...secrets }).finally(() => {
          setSecrets(NOTHING)
          void client.invalidateQueries({ queryKey: ['queue'] })
          void client.invalidateQueries({ queryKey: ['report'] })
          setTimeout(() => field.current?.focus())
        }),
      setDone,
    )
  }
  return (
    <Dialog
      title={t('waiting.title', { count: rows.length })}
      onClose={onClose}
      closable={!busy}
      onSubmit={() => void (done ? onClose() : sign())}
      testId="sign-waiting"
      footer={
        done ? (
          <>
            <span className="grow" />
            <Button kind="primary" type="submit" testId="waiting-close">
              {t('frame:close')}
            </Button>
          </>
        ) : (
          <>
            <span className="t-xs mut grow" role="status">
              {busy ? t('sign.working') : t('sign.final')}
            </span>
            <Button onPress={onClose} disabled={busy}>
              {t('frame:cancel')}
            </Button>
            <Button kind="primary" type="submit" disabled={!ready} busy={busy} testId="confirm-waiting">
              {t('waiting.sign', { count: rows.length })}
            </Button>
          </>
        )
      }
    >
      {done ? (
        <div className="stack" role="status" data-testid="waiting-done">
          <Banner
            boxed
            tone={done.refused.length > 0 || done.left > 0 ? 'warn' : 'ok'}
            title={t('waiting.done', { count: done.signed })}
          >
            {done.refused.length > 0 ? `${t('waiting.refused', { count: done.refused.length })} ` : null}
            {done.left > 0 ? t('waiting.left', { count: done.left }) : null}
          </Banner>
          {done.refused.length > 0 ? (
            <ul className="stack">
              {done.refused.map(({ televisit_id, failure: why }) => (
                <li key={televisit_id}>
                  <b>{nameOf(televisit_id)}</b>
                  <div className="mut">
                    {errors[why.code].happened} {errors[why.code].todo}
                  </div>
                </li>
              ))}
            </ul>
          ) : null}
        </div>
      ) : (
        <div className="ps-dialog-two">
          <div className="stack">
            <div className="cap">{t('waiting.documents')}</div>
            <ul className="stack">
              {rows.map(({ item, patient }) => (
                <li key={item.id}>
                  <b>{patient ? personName(patient) : t('delivery:noPatient')}</b>
                  <div className="mono t-xs">{patient?.fiscal_code}</div>
                </li>
              ))}
            </ul>
            <p className="t-xs mut">{t('waiting.next')}</p>
          </div>
          <div className="stack">
            {devices.error ? <FailureBanner failure={devices.error.failure} onRetry={() => devices.refetch()} /> : null}
            {devices.isPending ? (
              <p className="mut" role="status">
                {t('sign.looking')}
              </p>
            ) : null}
            {identity ? (
              <IdentityCard
                identity={identity}
                many={ordered.length > 1}
                onChange={() => {
                  setChosen(chosen + 1)
                  setSecrets(NOTHING)
                }}
              />
            ) : null}
            {failure ? (
              <FailureBanner failure={failure} />
            ) : devices.data?.remote_failure ? (
              <RemoteFailure failure={devices.data.remote_failure} />
            ) : null}
            {identity && !identity.signs_later ? (
              <SigningSecrets
                key={identity.id}
                identity={identity}
                secrets={secrets}
                onChange={setSecrets}
                disabled={busy}
                ref={field}
              />
            ) : null}
          </div>
        </div>
      )}
    </Dialog>
  )
}
