// Keys of routes in the Windows Credential Manager. The agent gets them as variables of its process; a route names its own by `api_key_env`.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Nextline.VisualStudio
{
    internal static class Keys
    {
        private const string Prefix = "Nextline/";
        private const int Generic = 1;
        private const int LocalMachine = 2;

        /// <summary>The variables and their values.</summary>
        internal static List<KeyValuePair<string, string>> All()
        {
            var found = new List<KeyValuePair<string, string>>();
            if (!CredEnumerate(Prefix + "*", 0, out var count, out var list))
            {
                return found;
            }
            for (var at = 0; at < count; at++)
            {
                var one = (Credential)Marshal.PtrToStructure(Marshal.ReadIntPtr(list, at * IntPtr.Size), typeof(Credential));
                var value = new byte[one.BlobSize];
                Marshal.Copy(one.Blob, value, 0, value.Length);
                found.Add(new KeyValuePair<string, string>(one.TargetName.Substring(Prefix.Length), Encoding.Unicode.GetString(value)));
            }
            CredFree(list);
            return found;
        }

        /// <summary>Keeps a key for this user on this machine; false when Windows refuses.</summary>
        internal static bool Store(string variable, string key)
        {
            var value = Encoding.Unicode.GetBytes(key);
            var blob = Marshal.AllocHGlobal(value.Length);
            Marshal.Copy(value, 0, blob, value.Length);
            var credential = new Credential
            {
                Type = Generic,
                TargetName = Prefix + variable,
                UserName = variable,
                Persist = LocalMachine,
                Blob = blob,
                BlobSize = value.Length,
            };
            var kept = CredWrite(ref credential, 0);
            Marshal.Copy(new byte[value.Length], 0, blob, value.Length);
            Marshal.FreeHGlobal(blob);
            return kept;
        }

        /// <summary>Forgets one; false when there was none.</summary>
        internal static bool Forget(string variable)
        {
            return CredDelete(Prefix + variable, Generic, 0);
        }

        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
        private struct Credential
        {
            public int Flags;
            public int Type;
            public string TargetName;
            public string Comment;
            public long LastWritten;
            public int BlobSize;
            public IntPtr Blob;
            public int Persist;
            public int AttributeCount;
            public IntPtr Attributes;
            public string TargetAlias;
            public string UserName;
        }

        [DllImport("advapi32.dll", EntryPoint = "CredEnumerateW", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern bool CredEnumerate(string filter, int flags, out int count, out IntPtr credentials);

        [DllImport("advapi32.dll", EntryPoint = "CredWriteW", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern bool CredWrite(ref Credential credential, int flags);

        [DllImport("advapi32.dll", EntryPoint = "CredDeleteW", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern bool CredDelete(string name, int type, int flags);

        [DllImport("advapi32.dll")]
        private static extern void CredFree(IntPtr buffer);
    }
}
