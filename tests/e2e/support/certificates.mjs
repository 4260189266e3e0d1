// Certificates as somebody would make them to try TLS.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/// Makes a self-signed certificate for localhost and 127.0.0.1 in the folder; returns the paths of its files and its text.
export function makeCertificate(folder, { name = 'localhost', keyType = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], days = 2 } = {}) {
  const certificate = path.join(folder, 'certificate.pem');
  const key = path.join(folder, 'key.pem');
  execFileSync('/usr/bin/openssl', ['req', '-x509', '-newkey', ...keyType, '-nodes', '-days', `${days}`, '-keyout', key, '-out', certificate,
    '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'pipe' });
  fs.chmodSync(key, 0o644);
  return { certificate, key, text: fs.readFileSync(certificate, 'utf8') };
}
