"""What the API answers, shape by shape: views are typed by these, and the API's description is made of them.

Names are as they stand on the wire. All members are always there; what is not known is null.
"""
