import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Choice, Dialog, FiveDayClock } from '../design'
import { clock, day, isoDay, personName, shiftDay } from '../i18n/format'
import { errors } from '../i18n/it/errors'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { ErrorCode } from '../ipc/generated/ErrorCode'
import type { Failure } from '../ipc/generated/Failure'
import type { ReportField } from '../ipc/generated/ReportField'
import type { ReportView } from '../ipc/generated/ReportView'
import { useView } from '../ipc/query'
import type { Draft } from './draft'
import { RemoteFailure } from './RemoteFailure'
import { IdentityCard } from './SigningIdentity'
import { isTyped, NOTHING, type Secrets, SigningSecrets } from './SigningSecrets'
import { SECTIONS } from './sections'

type Props = {
  report: ReportView
  draft: Draft
  onClose: () => void
  onSent: () => void
  onRefused: (field: ReportField | null) => void
}

const FIELDS = new Set<string>(SECTIONS.flatMap(({ fields }) => fields))
/** Refusals that the form, and not the dialog, can cure. */
const OF_THE_FORM: ErrorCode[] = ['report_incomplete', 'report_refused', 'conflict']

/** No event tells that a card was inserted or taken out. */
const LOOK_AGAIN_MS = 3000

/** Document, what happens now, device, identity, PIN. The PIN is used once and never tried again by itself. */
export function SignDialog({ report, draft, onClose, onSent, onRefused }: Props) {
  const { t } = useTranslation(['report', 'frame'])
  const client = useQueryClient()
  const station = useView('station_state', [])
  const [working, setWorking] = useState(false)
  const devices = useView('report_signing_devices', [], { everyMs: working ? false : LOOK_AGAIN_MS })
  const [chosen, setChosen] = useState<string | null>(null)
  const [choosing, setChoosing] = useState(false)
  const [secrets, setSecrets] = useState<Secrets>(NOTHING)
  const [failure, setFailure] = useState<Failure | null>(null)
  const pinField = useRef<HTMLInputElement>(null)
  const identities = devices.data?.identities ?? []
  const remoteFailure = devices.data?.remote_failure ?? null
  const identity =
    identities.find(({ id }) => id === chosen) ??
    identities.find(({ blocked_by }) => blocked_by === null) ??
    identities[0]
  const shown = identity?.id
  // A card came or went: what was typed for one device never reaches another.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change is what matters
  useEffect(() => setSecrets(NOTHING), [shown])
  const usable = identity !== undefined && identity.blocked_by === null && identity.pin !== 'locked'
  const onDevice = identity?.pin_on_device === true
  const later = identity?.signs_later === true
  const ready = usable && (later || isTyped(identity, secrets))
  const typeOn = identity?.kind === 'remote' ? 'sign.confirmOnPhone' : 'sign.typeOnReader'
  const offline = station.data?.link.online === false
  const fse = day(shiftDay(isoDay(), 5))

  const sign = async () => {
    if (!identity || !ready || working) return
    setWorking(true)
    setFailure(null)
    try {
      await call('report_sign_and_send', {
        televisit_id: report.televisit_id,
        revision: draft.revision,
        identity_id: identity.id,
        ...(later ? NOTHING : secrets),
      })
      await Promise.all([
        client.invalidateQueries({ queryKey: ['report'] }),
        client.invalidateQueries({ queryKey: ['queue'] }),
        client.invalidateQueries({ queryKey: ['agenda'] }),
      ])
      onSent()
    } catch (refusal) {
      const why = toFailure(refusal)
      setSecrets(NOTHING)
      setFailure(why)
      setWorking(false)
      setTimeout(() => pinField.current?.focus())
      void client.invalidateQueries({ queryKey: ['report', 'report_signing_devices'] })
      if (OF_THE_FORM.includes(why.code)) {
        void client.invalidateQueries({ queryKey: ['report', 'report_open'] })
        onRefused(why.field && FIELDS.has(why.field) ? (why.field as ReportField) : null)
      }
    }
  }

  return (
    <Dialog
      title={t('signAndSend')}
      onClose={onClose}
      closable={!working}
      onSubmit={() => void sign()}
      testId="sign-dialog"
      footer={
        <>
          <span className="t-xs mut grow" role="status">
            {working
              ? t(identity?.in_browser ? 'sign.inBrowser' : onDevice ? typeOn : 'sign.working')
              : t(later ? 'sign.finalLater' : 'sign.final')}
          </span>
          <Button onPress={onClose} disabled={working}>
            {t('frame:cancel')}
          </Button>
          <Button kind="primary" type="submit" disabled={!ready} busy={working} testId="confirm-sign">
            {t(later ? 'sign.later' : 'signAndSend')}
          </Button>
        </>
      }
    >
      <div className="ps-dialog-two">
        <div className="stack">
          <div>
            <div className="cap">{t('sign.document')}</div>
            <b className="t-md">{t('sign.kind')}</b>
            <div>{personName(report.patient)}</div>
            <div className="mono">{report.patient.fiscal_code}</div>
            {draft.savedAt ? <div className="mut t-xs">{t('sign.savedAt', { at: clock(draft.savedAt) })}</div> : null}
          </div>
          <div>
            <div className="cap sign-clock">{t('sign.publishBefore')}</div>
            <FiveDayClock gone={null} label={t('notStarted')} />
            <div className="t-xs mut">{t('sign.publishText')}</div>
          </div>
          <div>
            <div className="cap">{t('sign.next')}</div>
            <ol className="t-xs sign-steps">
              {later ? (
                <>
                  <li>{t('sign.stepLater')}</li>
                  <li>{t('sign.stepLaterCode')}</li>
                </>
              ) : offline ? (
                <li>{t('sign.stepOffline')}</li>
              ) : (
                <>
                  <li>{t('sign.step1')}</li>
                  <li>{t('sign.step2')}</li>
                  {devices.data?.time_stamp ? <li>{t('sign.stepStamp')}</li> : null}
                  <li>{t('sign.step3')}</li>
                </>
              )}
              <li>{t('sign.step4', { on: fse })}</li>
            </ol>
          </div>
        </div>
        <div className="stack">
          {devices.isPending ? (
            <p className="mut" role="status">
              {t('sign.looking')}
            </p>
          ) : null}
          {devices.error ? <FailureBanner failure={devices.error.failure} onRetry={() => devices.refetch()} /> : null}
          {devices.isSuccess && !identity && !remoteFailure ? (
            <Banner
              boxed
              urgent
              tone="danger"
              title={t('sign.none')}
              testId="no-device"
              action={
                <Button small testId="look-again" onPress={() => devices.refetch()}>
                  {t('sign.again')}
                </Button>
              }
            >
              {t('sign.noneText')}
            </Banner>
          ) : null}
          {choosing && identity ? (
            <Choice<string>
              legend={t('sign.identity')}
              value={identity.id}
              onChange={(id) => {
                setChosen(id)
                setChoosing(false)
                setSecrets(NOTHING)
                setFailure(null)
              }}
              options={identities.map((each) => ({
                value: each.id,
                label: `${each.subject}, ${each.device}`,
                hint: t('sign.issuer', { issuer: each.issuer }),
                testId: `identity-${each.id}`,
              }))}
            />
          ) : identity ? (
            <IdentityCard identity={identity} many={identities.length > 1} onChange={() => setChoosing(true)} />
          ) : null}
          {failure ? (
            <FailureBanner failure={failure} />
          ) : identity?.blocked_by && !(identity.kind === 'remote' && remoteFailure) ? (
            <Banner boxed tone="danger" title={errors[identity.blocked_by].happened}>
              {errors[identity.blocked_by].todo}
            </Banner>
          ) : null}
          {identity && !choosing && !later && onDevice ? (
            <p data-testid="sign-on-device">{t(identity.kind === 'remote' ? 'sign.onPhone' : 'sign.onDevice')}</p>
          ) : null}
          {identity && !choosing && later ? (
            <Banner boxed tone="off" title={t('sign.awayTitle')} testId="signs-later">
              {t('sign.awayText')}
            </Banner>
          ) : null}
          {identity && !choosing && !later && usable && identity.in_browser ? (
            <p data-testid="sign-in-browser">{t('sign.browserText')}</p>
          ) : null}
          {identity && !choosing && !later ? (
            <SigningSecrets
              key={identity.id}
              identity={identity}
              secrets={secrets}
              onChange={setSecrets}
              disabled={!usable || working}
              ref={pinField}
            />
          ) : null}
          {remoteFailure && !failure && (!identity || identity.kind !== 'remote' || identity.blocked_by) && !later ? (
            <RemoteFailure failure={remoteFailure} />
          ) : null}
        </div>
      </div>
    </Dialog>
  )
}
