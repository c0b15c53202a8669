/**
 * Time-stamps and the remote signature of the mock host: a service that takes the PIN 12345678 and the code 246810, and the
 * settings. What the card does is in `report.ts`.
 */
import type { SigningIdentityView } from '../generated/SigningIdentityView'
import type { SigningSettingsView } from '../generated/SigningSettingsView'
import { type HandlersOf, refuse, type World } from './world'

const PIN = '12345678'
const OTP = '246810'

export const newSigning = (scene: string): SigningSettingsView => ({
  authorities: [{ url: 'https://marche.example.it/tsa', user: null, has_password: false }],
  of_the_station: true,
  no_roots: false,
  policy: 'wait',
  remote: scene.startsWith('remote')
    ? {
        address: 'https://firma.example.it/csc/v2',
        client_id: 'postazione',
        has_access: scene !== 'remote-login',
        access_until: null,
        identities: ['VALMORI Irene'],
      }
    : null,
})

/** The remote identity, when one is set up: away with the network, shut out without an access. */
export function remoteIdentity({ inside }: World): SigningIdentityView | null {
  const { remote } = inside.signing
  if (!remote) return null
  return {
    id: 'remote',
    device: 'Servizio di firma remota di prova',
    kind: 'remote',
    subject: 'VALMORI Irene',
    issuer: 'CA di prova',
    not_after: '2028-03-01T12:00:00Z',
    is_author: true,
    pin: 'ready',
    pin_on_device: false,
    asks_pin: true,
    asks_otp: true,
    in_browser: false,
    signs_later: !inside.link.online,
    blocked_by: remote.has_access ? null : 'signing_service_login',
  }
}

export function takeSecrets(pin: string, otp: string) {
  if (pin !== PIN) refuse('wrong_pin', 'device/pin')
  if (otp !== OTP) refuse('wrong_otp', 'remote/otp')
}

export function signing({ inside, changed }: World): HandlersOf<'signing_'> {
  const settings = () => ({ ...inside.signing })
  return {
    signing_settings: settings,
    signing_set_time_stamps: ({ authorities, policy }) => {
      if (authorities.some(({ url }) => !/^https?:\/\/[^\s/]+/.test(url)))
        refuse('bad_request', 'settings/authority', { field: 'url' })
      inside.signing = {
        ...inside.signing,
        ...(authorities.length > 0
          ? {
              authorities: authorities.map(({ url, user, password }) => ({
                url,
                user,
                has_password: password !== null,
              })),
              of_the_station: false,
            }
          : newSigning('')),
        policy,
        remote: inside.signing.remote,
      }
      return settings()
    },
    signing_set_remote: ({ address, client_id, access_token }) => {
      if (!/^https:\/\/[^\s/]+/.test(address)) refuse('bad_request', 'settings/service', { field: 'address' })
      inside.signing.remote = {
        address,
        client_id,
        has_access: access_token !== null,
        access_until: null,
        identities: access_token ? ['VALMORI Irene'] : [],
      }
      changed('report')
      return settings()
    },
    signing_log_in_remote: () => {
      const { remote } = inside.signing
      if (!remote) return refuse('not_found', 'remote/none')
      remote.has_access = true
      remote.access_until = new Date(Date.now() + 3_600_000).toISOString()
      remote.identities = ['VALMORI Irene']
      changed('report')
      return settings()
    },
    signing_forget_remote: () => {
      inside.signing.remote = null
      changed('report')
      return settings()
    },
  }
}
